import { authorization, json, numberOf, only, type Service } from '../service.ts';

const error = (status: number, message: string, headers = {}) =>
  json(status, { errors: [{ message, help: 'https://developers.asana.com/docs/errors' }] }, headers);

/** https://developers.asana.com/reference/getuser and https://developers.asana.com/docs/errors */
export const asana: Service = {
  provider: 'asana',
  host: /^app\.asana\.com$/,
  presented: (request) => only('token', authorization(request, 'Bearer')),
  account: (seed) => ({ id: numberOf(seed), label: `${seed.slice(0, 6)}@asana.example` }),
  routes: [
    {
      method: 'GET',
      path: '/api/1.0/users/me',
      answer: ({ account }) => json(200, { data: { gid: account.id, name: 'Greta', email: account.label } }),
    },
  ],
  refused: () => error(401, 'Not Authorized'),
  forbidden: () => error(403, 'Forbidden'),
  rateLimited: (seconds) =>
    error(429, 'You have made too many requests recently. Please, be chill.', {
      'retry-after': String(seconds),
    }),
};
