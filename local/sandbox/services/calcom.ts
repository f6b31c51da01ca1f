import { authorization, json, numberOf, numeric, only, type Service } from '../service.ts';

const error = (status: number, code: string, message: string, headers = {}) =>
  json(
    status,
    { status: 'error', timestamp: new Date().toISOString(), path: '/v2/me', error: { code, message } },
    headers,
  );

/** https://cal.com/docs/api-reference/v2/introduction and …/me/get-my-profile */
export const calcom: Service = {
  provider: 'calcom',
  host: /^api\.cal\.com$/,
  presented: (request) => only('apiKey', authorization(request, 'Bearer')),
  account: (seed) => ({ id: numberOf(seed), label: `${seed.slice(0, 6)}@calcom.example` }),
  routes: [
    {
      method: 'GET',
      path: '/v2/me',
      answer: ({ account }) =>
        json(200, {
          status: 'success',
          data: { id: numeric(account.id), username: 'host', email: account.label, timeZone: 'Europe/Rome' },
        }),
    },
  ],
  refused: (why) =>
    error(
      401,
      'UnauthorizedException',
      why === 'expired' ? 'Your api key is expired' : 'Your api key is not valid',
    ),
  forbidden: () => error(403, 'ForbiddenException', 'Forbidden resource'),
  rateLimited: (seconds) =>
    error(429, 'ThrottlerException', 'Too many requests. Please try again later.', {
      'retry-after': String(seconds),
    }),
};
