import { json, only, type Service } from '../service.ts';

const error = (status: number, type: string, message: string, headers = {}) =>
  json(status, { type: 'error', error: { type, message }, request_id: 'req_0' }, headers);

/** https://docs.anthropic.com/en/api/models-list and https://docs.anthropic.com/en/api/errors */
export const anthropic: Service = {
  provider: 'anthropic',
  host: /^api\.anthropic\.com$/,
  presented: (request) => only('apiKey', request.headers['x-api-key']),
  account: (seed) => ({ id: `org-${seed.slice(0, 12)}`, label: `org-${seed.slice(0, 12)}` }),
  routes: [
    {
      method: 'GET',
      path: '/v1/models',
      answer: ({ account, request }) =>
        request.headers['anthropic-version'] === undefined
          ? error(400, 'invalid_request_error', 'anthropic-version: header is required')
          : json(
              200,
              { data: [{ type: 'model', id: 'model-1', display_name: 'Model 1' }], has_more: false },
              { 'anthropic-organization-id': account.id },
            ),
    },
  ],
  refused: (why) =>
    error(
      401,
      'authentication_error',
      why === 'missing' ? 'x-api-key header is required' : 'invalid x-api-key',
    ),
  forbidden: () =>
    error(403, 'permission_error', 'Your API key does not have permission to use the specified resource.'),
  rateLimited: (seconds) =>
    error(429, 'rate_limit_error', 'This request would exceed your rate limit.', {
      'retry-after': String(seconds),
    }),
};
