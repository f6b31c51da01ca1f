import { epochIn, json, numberOf, numeric, only, type Service } from '../service.ts';

const error = (status: number, code: string, message: string, headers = {}) =>
  json(status, { err: message, ECODE: code }, headers);

/** https://developer.clickup.com/reference/getauthorizeduser and …/docs/common_errors */
export const clickup: Service = {
  provider: 'clickup',
  host: /^api\.clickup\.com$/,
  presented: (request) => only('token', request.headers.authorization),
  account: (seed) => ({ id: numberOf(seed), label: `${seed.slice(0, 6)}@clickup.example` }),
  routes: [
    {
      method: 'GET',
      path: '/api/v2/user',
      answer: ({ account }) =>
        json(200, { user: { id: numeric(account.id), username: 'Jo', email: account.label } }),
    },
  ],
  refused: (why) =>
    why === 'missing'
      ? error(400, 'OAUTH_017', 'Authorization header required')
      : error(401, 'OAUTH_025', 'Token invalid'),
  forbidden: () => error(401, 'OAUTH_027', 'Team not authorized'),
  rateLimited: (seconds, now) =>
    error(429, 'APP_002', 'Rate limit reached', {
      'x-ratelimit-limit': '100',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': epochIn(seconds, now),
    }),
};
