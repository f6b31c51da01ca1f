import { authorization, json, only, type Service } from '../service.ts';

const error = (
  status: number,
  code: string | null,
  message: string,
  type = 'invalid_request_error',
  headers = {},
) => json(status, { error: { message, type, param: null, code } }, headers);

/** https://platform.openai.com/docs/api-reference/models/list and …/docs/guides/error-codes */
export const openai: Service = {
  provider: 'openai',
  host: /^api\.openai\.com$/,
  presented: (request) => only('apiKey', authorization(request, 'Bearer')),
  account: (seed) => ({ id: `org-${seed.slice(0, 12)}`, label: `org-${seed.slice(0, 12)}` }),
  routes: [
    {
      method: 'GET',
      path: '/v1/models',
      answer: ({ account }) =>
        json(
          200,
          { object: 'list', data: [{ id: 'model-1', object: 'model', created: 1, owned_by: 'openai' }] },
          { 'openai-organization': account.id },
        ),
    },
  ],
  refused: () => error(401, 'invalid_api_key', 'Incorrect API key provided: ****.'),
  forbidden: () =>
    error(403, null, 'You have insufficient permissions for this operation. Missing scopes: api.model.read.'),
  rateLimited: (seconds) =>
    error(429, 'rate_limit_exceeded', 'Rate limit reached for requests', 'requests', {
      'retry-after': String(seconds),
      'x-ratelimit-remaining-requests': '0',
    }),
};
