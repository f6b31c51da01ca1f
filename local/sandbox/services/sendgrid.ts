import { authorization, epochIn, json, only, type Service } from '../service.ts';

const error = (status: number, message: string, headers = {}) =>
  json(status, { errors: [{ field: null, message }] }, headers);

/** https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/errors */
export const sendgrid: Service = {
  provider: 'sendgrid',
  host: /^api\.sendgrid\.com$/,
  presented: (request) => only('apiKey', authorization(request, 'Bearer')),
  account: (seed) => ({ id: seed.slice(0, 12), label: `${seed.slice(0, 6)}@sendgrid.example` }),
  routes: [
    {
      method: 'GET',
      path: '/v3/scopes',
      answer: ({ scopes }) => json(200, { scopes: scopes.length > 0 ? scopes : ['mail.send'] }),
    },
  ],
  refused: (why) =>
    error(
      401,
      why === 'missing'
        ? 'authorization required'
        : 'The provided authorization grant is invalid, expired, or revoked',
    ),
  forbidden: () => error(403, 'access forbidden'),
  rateLimited: (seconds, now) =>
    error(429, 'too many requests', {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': epochIn(seconds, now),
    }),
};
