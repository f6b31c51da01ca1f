import { authorization, epochIn, json, only, type Service } from '../service.ts';

const error = (status: number, code: string, message: string, headers = {}) =>
  json(status, { type: 'error.list', request_id: 'req-0', errors: [{ code, message }] }, headers);

/** https://developers.intercom.com/docs/references/rest-api/errors/error-codes and …/errors/rate-limiting */
export const intercom: Service = {
  provider: 'intercom',
  host: /^api\.intercom\.io$/,
  presented: (request) => only('token', authorization(request, 'Bearer')),
  account: (seed) => ({ id: seed.slice(0, 8), label: `Inbox ${seed.slice(0, 6)}` }),
  routes: [
    {
      method: 'GET',
      path: '/me',
      answer: ({ account }) =>
        json(200, {
          type: 'admin',
          id: '991267459',
          name: 'Ciaran',
          email: 'admin@intercom.example',
          app: { type: 'app', id_code: account.id, name: account.label },
        }),
    },
  ],
  refused: (why) =>
    ({
      missing: error(401, 'missing_authorization', 'Authorization is missing'),
      unknown: error(401, 'unauthorized', 'Access Token Invalid'),
      revoked: error(401, 'token_revoked', 'The token has been revoked'),
      expired: error(401, 'token_expired', 'The token is expired'),
    })[why],
  forbidden: () => error(403, 'api_plan_restricted', 'Active subscription needed.'),
  rateLimited: (seconds, now) =>
    error(429, 'rate_limit_exceeded', 'Exceeded rate limit', {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': epochIn(seconds, now),
    }),
};
