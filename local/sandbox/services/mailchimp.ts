import { basic, json, type Service } from '../service.ts';

const problem = (status: number, title: string, detail: string, headers = {}) =>
  json(
    status,
    { type: 'https://mailchimp.com/developer/marketing/docs/errors/', title, status, detail, instance: '' },
    { 'content-type': 'application/problem+json; charset=utf-8', ...headers },
  );

/** https://mailchimp.com/developer/marketing/api/root/ and …/marketing/docs/errors/ */
export const mailchimp: Service = {
  provider: 'mailchimp',
  host: /^[a-z]{2,3}\d{1,3}\.api\.mailchimp\.com$/,
  presented: (request) => {
    const apiKey = basic(request)?.password;
    const dataCentre = request.host.split('.')[0];
    return apiKey?.endsWith(`-${dataCentre}`) ? { apiKey } : undefined;
  },
  account: (seed) => ({ id: seed.slice(0, 25), label: `Audience ${seed.slice(0, 6)}` }),
  routes: [
    {
      method: 'GET',
      path: '/3.0/',
      answer: ({ account }) =>
        json(200, { account_id: account.id, account_name: account.label, email: 'owner@mailchimp.example' }),
    },
  ],
  refused: () =>
    problem(
      401,
      'API Key Invalid',
      "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
    ),
  forbidden: () => problem(403, 'User Disabled', 'This account has been deactivated.'),
  rateLimited: (seconds) =>
    problem(429, 'Too Many Requests', 'You have exceeded the limit of 10 simultaneous connections.', {
      'retry-after': String(seconds),
    }),
};
