import { PROBLEMS } from '../http/problems.ts';
import { type JsonSchema, reference } from './schemas.ts';

/** Every refusal of the API itself, RFC 9457. */
export const problemSchema: JsonSchema = {
  type: 'object',
  description: 'Why a request was refused (RFC 9457). Decide by `code`; the texts are for people.',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    type: {
      type: 'string',
      format: 'uri-reference',
      description: 'Names the kind of problem, as `code` does.',
    },
    title: { type: 'string', description: 'The kind of problem in words; the same for each of its code.' },
    status: { type: 'integer', description: 'The HTTP status, once more.' },
    detail: { type: 'string', description: 'What is wrong with this request. Never repeats what was sent.' },
    code: { type: 'string', enum: Object.keys(PROBLEMS).sort() },
    requestId: { type: 'string', description: 'Finds the request in the logs.' },
    errors: {
      type: 'array',
      description: 'With `invalid_request`: every fault of the request at once.',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: {
          path: {
            type: 'string',
            description: 'Where the fault stands.',
            examples: ['credentials.apiKey'],
          },
          message: { type: 'string', examples: ['is required'] },
        },
      },
    },
    statusReason: {
      description: 'With `credentials_rejected` and `connection_inactive`.',
      ...reference('StatusReason'),
    },
    accounts: {
      type: 'object',
      description: 'With `account_mismatch`: whose the connection is, and whose the credentials are.',
      required: ['current', 'candidate'],
      properties: { current: { type: 'string' }, candidate: { type: 'string' } },
    },
  },
};

/** What API Gateway says where it refuses before any function runs. */
export const gatewayRefusalSchema: JsonSchema = {
  type: 'object',
  description: "API Gateway's own refusal, on AWS, of what never reaches the API.",
  required: ['message'],
  properties: { message: { type: 'string', examples: ['Unauthorized', 'Forbidden', 'Too Many Requests'] } },
};
