import { authorization, basic, json, only, type Service } from '../service.ts';

const error = (status: number, body: Record<string, string>, headers = {}) =>
  json(status, { error: { type: 'invalid_request_error', ...body } }, headers);

/** https://docs.stripe.com/api/accounts/retrieve and https://docs.stripe.com/api/errors */
export const stripe: Service = {
  provider: 'stripe',
  host: /^api\.stripe\.com$/,
  presented: (request) => only('apiKey', authorization(request, 'Bearer') ?? basic(request)?.username),
  account: (seed) => ({ id: `acct_${seed.slice(0, 16)}`, label: `Shop ${seed.slice(0, 6)}` }),
  routes: [
    {
      method: 'GET',
      path: '/v1/account',
      answer: ({ account }) =>
        json(200, {
          id: account.id,
          object: 'account',
          email: 'owner@stripe.example',
          business_profile: { name: account.label },
          settings: { dashboard: { display_name: account.label } },
        }),
    },
  ],
  refused: (why) =>
    why === 'expired'
      ? error(401, { code: 'api_key_expired', message: 'Expired API Key provided: ****' })
      : error(401, { message: 'Invalid API Key provided: ****' }),
  forbidden: () =>
    error(403, { message: 'The provided key does not have the required permissions for this endpoint.' }),
  rateLimited: (seconds) =>
    error(
      429,
      { code: 'rate_limit', message: 'Request rate limit exceeded.' },
      { 'retry-after': String(seconds), 'stripe-rate-limited-reason': 'global-rate' },
    ),
};
