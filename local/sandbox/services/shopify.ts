import { json, numberOf, type Service } from '../service.ts';

const NOT_ALLOWED = '[API] This action requires merchant approval for read_products scope.';

/** https://shopify.dev/docs/api/admin-graphql and https://shopify.dev/docs/api/usage/response-codes */
export const shopify: Service = {
  provider: 'shopify',
  host: /^[a-z0-9-]+\.myshopify\.com$/,
  presented: ({ host, headers }) => {
    const accessToken = headers['x-shopify-access-token'];
    return accessToken ? { shop: host.split('.')[0] ?? '', accessToken } : undefined;
  },
  account: (seed) => ({ id: `gid://shopify/Shop/${numberOf(seed)}`, label: `Shop ${seed.slice(0, 6)}` }),
  routes: [
    {
      method: 'POST',
      path: '/admin/api/:version/graphql.json',
      answer: ({ account, request }) =>
        json(200, {
          data: { shop: { id: account.id, name: account.label, myshopifyDomain: request.host } },
          extensions: { cost: { requestedQueryCost: 1 } },
        }),
    },
  ],
  refused: () =>
    json(401, { errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' }),
  forbidden: () => json(403, { errors: NOT_ALLOWED }),
  rateLimited: (seconds) =>
    json(
      429,
      {
        errors:
          'Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.',
      },
      { 'retry-after': `${seconds}.0` },
    ),
};
