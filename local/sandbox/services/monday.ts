import { json, numberOf, only, type Service } from '../service.ts';

const error = (status: number, code: string, message: string, headers = {}) =>
  json(
    status,
    { data: [], errors: [{ message, extensions: { code, error_data: {}, status_code: status } }] },
    headers,
  );

/** https://developer.monday.com/api-reference/docs/error-handling: errors of the application come with 200. */
export const monday: Service = {
  provider: 'monday',
  host: /^api\.monday\.com$/,
  presented: (request) => only('token', request.headers.authorization),
  account: (seed) => ({ id: numberOf(seed), label: `${seed.slice(0, 6)}@monday.example` }),
  routes: [
    {
      method: 'POST',
      path: '/v2',
      answer: ({ account }) =>
        json(200, {
          data: {
            me: { id: account.id, name: 'Mo', email: account.label, account: { id: '7', name: 'Acme' } },
          },
          account_id: 7,
        }),
    },
  ],
  refused: () => json(401, { errors: ['Not Authenticated'] }),
  forbidden: () =>
    json(200, {
      data: { me: null },
      errors: [
        {
          message: 'User unauthorized to perform action',
          path: ['me'],
          extensions: { code: 'USER_UNAUTHORIZED', error_data: {}, status_code: 403 },
        },
      ],
    }),
  rateLimited: (seconds) =>
    error(429, 'RateLimitExceeded', 'Rate Limit Exceeded.', { 'retry-after': String(seconds) }),
};
