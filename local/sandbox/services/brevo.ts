import { json, only, type Service } from '../service.ts';

/** https://developers.brevo.com/reference/get-account and https://developers.brevo.com/docs/api-limits */
export const brevo: Service = {
  provider: 'brevo',
  host: /^api\.brevo\.com$/,
  presented: (request) => only('apiKey', request.headers['api-key']),
  account: (seed) => ({ id: `${seed.slice(0, 6)}@brevo.example`, label: `Company ${seed.slice(0, 6)}` }),
  routes: [
    {
      method: 'GET',
      path: '/v3/account',
      answer: ({ account }) => json(200, { email: account.id, companyName: account.label, plan: [] }),
    },
  ],
  refused: () => json(401, { message: 'Key not found', code: 'unauthorized' }),
  forbidden: () =>
    json(403, {
      code: 'permission_denied',
      message: 'Access denied for resource "account". The API key does not include the required permission.',
    }),
  rateLimited: (seconds) =>
    json(
      429,
      { code: 'too_many_requests', message: 'Rate limit reached' },
      { 'x-sib-ratelimit-remaining': '0', 'x-sib-ratelimit-reset': String(seconds) },
    ),
};
