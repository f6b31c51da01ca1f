import { PROBLEMS } from '../http/problems.ts';
import { type JsonSchema, reference } from './schemas.ts';

/** Schema of the API's own refusals, RFC 9457. */
export const problemSchema: JsonSchema = {
  type: 'object',
  description: 'Why a request was refused (RFC 9457). Programs decide by `code`; the texts are for humans.',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    type: {
      type: 'string',
      format: 'uri-reference',
      description: 'Names the kind of problem, as `code` does.',
    },
    title: {
      type: 'string',
      description: 'The kind of problem in words; the same for every problem of its code.',
    },
    status: { type: 'integer', description: 'The HTTP status.' },
    detail: { type: 'string', description: 'What is wrong with this request. Never repeats input.' },
    code: { type: 'string', enum: Object.keys(PROBLEMS).sort() },
    requestId: { type: 'string', description: 'Finds the request in the logs.' },
    errors: {
      type: 'array',
      description: 'With `invalid_request`: all issues of the request.',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: {
          path: {
            type: 'string',
            description: 'The invalid field or parameter.',
            examples: ['credentials.apiKey'],
          },
          message: { type: 'string', examples: ['is required'] },
        },
      },
    },
    missing: {
      type: 'array',
      description: 'With `scopes_missing`: the required scopes that were not granted.',
      items: { type: 'string' },
    },
    statusReason: {
      description: 'With `credentials_rejected` and `connection_inactive`.',
      ...reference('StatusReason'),
    },
    accounts: {
      type: 'object',
      description:
        'With `account_mismatch`: the account of the connection, and the account of the new credentials.',
      required: ['current', 'candidate'],
      properties: { current: { type: 'string' }, candidate: { type: 'string' } },
    },
  },
};

/** Schema of API Gateway's refusals before any function runs. */
export const gatewayRefusalSchema: JsonSchema = {
  type: 'object',
  description: "API Gateway's own refusal, on AWS, of a request that does not reach the API.",
  required: ['message'],
  properties: { message: { type: 'string', examples: ['Unauthorized', 'Forbidden', 'Too Many Requests'] } },
};
