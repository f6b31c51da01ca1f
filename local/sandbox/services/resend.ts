import { authorization, json, only, type Service } from '../service.ts';

const error = (statusCode: number, name: string, message: string, headers = {}) =>
  json(statusCode, { statusCode, name, message }, headers);

/** https://resend.com/docs/api-reference/domains/list-domains and …/api-reference/errors */
export const resend: Service = {
  provider: 'resend',
  host: /^api\.resend\.com$/,
  presented: (request) => only('apiKey', authorization(request, 'Bearer')),
  account: (seed) => ({ id: seed.slice(0, 12), label: `Team ${seed.slice(0, 6)}` }),
  routes: [
    {
      method: 'GET',
      path: '/domains',
      answer: ({ request }) =>
        request.headers['user-agent'] === undefined
          ? error(403, 'validation_error', 'Missing User-Agent')
          : json(200, { object: 'list', has_more: false, data: [] }),
    },
  ],
  refused: (why) =>
    why === 'missing'
      ? error(401, 'missing_api_key', 'Missing API key in the authorization header.')
      : error(403, 'invalid_api_key', 'API key is invalid'),
  forbidden: () => error(401, 'restricted_api_key', 'This API key is restricted to only send emails'),
  rateLimited: (seconds) =>
    error(429, 'rate_limit_exceeded', 'Too many requests. You can only make 5 requests per second.', {
      'retry-after': String(seconds),
    }),
};
