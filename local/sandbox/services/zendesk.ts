import { basic, json, numberOf, numeric, type Service, whoAndWhere } from '../service.ts';

/** https://developer.zendesk.com/api-reference/ticketing/users/users/#show-self and …/introduction/requests/ */
export const zendesk: Service = {
  provider: 'zendesk',
  host: /^[a-z0-9-]+\.zendesk\.com$/,
  presented: (request) => {
    const pair = basic(request);
    if (!pair?.username.endsWith('/token')) return undefined;
    const subdomain = request.host.split('.')[0] ?? '';
    return { subdomain, email: pair.username.slice(0, -'/token'.length), apiToken: pair.password };
  },
  account: (seed) => ({ id: numberOf(seed), label: `${seed.slice(0, 6)}@zendesk.example` }),
  routes: [
    {
      method: 'GET',
      path: '/api/v2/users/me.json',
      answer: ({ account }) => {
        const { who } = whoAndWhere(account.label);
        const id = account.id.split('/').at(-1) ?? account.id;
        return json(200, {
          user: { id: numeric(id), name: 'Agent', email: who, role: 'admin', active: true },
        });
      },
    },
  ],
  refused: () => json(401, { error: "Couldn't authenticate you" }),
  forbidden: () =>
    json(403, {
      error: {
        title: 'Forbidden',
        message:
          'You do not have access to this page. Please contact the account owner of this help desk for further help.',
      },
    }),
  rateLimited: (seconds) =>
    json(
      429,
      { error: 'APIRateLimitExceeded', description: 'Number of allowed API requests per minute exceeded' },
      { 'retry-after': String(seconds) },
    ),
};
