import { authorization, epochIn, json, numberOf, numeric, only, type Service } from '../service.ts';

const docs = 'https://docs.github.com/rest';

/** `2027-01-31 12:00:00 UTC`, as the header of an expiring token writes it. */
const expiry = (at: string) => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** https://docs.github.com/en/rest/users/users and …/using-the-rest-api/troubleshooting-the-rest-api */
export const github: Service = {
  provider: 'github',
  host: /^api\.github\.com$/,
  presented: (request) => only('token', authorization(request, 'Bearer') ?? authorization(request, 'token')),
  account: (seed) => ({ id: numberOf(seed), label: `octo-${seed.slice(0, 6)}` }),
  routes: [
    {
      method: 'GET',
      path: '/user',
      answer: ({ account, expiresAt, scopes }) =>
        json(
          200,
          { login: account.label, id: numeric(account.id), type: 'User' },
          {
            'x-oauth-scopes': scopes.join(', '),
            ...(expiresAt === null ? {} : { 'github-authentication-token-expiration': expiry(expiresAt) }),
          },
        ),
    },
  ],
  refused: (why) =>
    why === 'missing'
      ? json(401, { message: 'Requires authentication', documentation_url: docs, status: '401' })
      : json(401, { message: 'Bad credentials', documentation_url: docs, status: '401' }),
  forbidden: () =>
    json(403, {
      message: 'Resource not accessible by personal access token',
      documentation_url: docs,
      status: '403',
    }),
  rateLimited: (seconds, now) =>
    json(
      403,
      { message: 'API rate limit exceeded for user ID 1.', documentation_url: docs },
      {
        'x-ratelimit-limit': '5000',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': epochIn(seconds, now),
      },
    ),
};
