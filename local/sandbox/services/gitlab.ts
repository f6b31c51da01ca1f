import { authorization, epochIn, json, numberOf, numeric, only, type Service, text } from '../service.ts';

/** https://docs.gitlab.com/api/users/, …/api/personal_access_tokens/ and …/api/rest/authentication/ */
export const gitlab: Service = {
  provider: 'gitlab',
  host: /^gitlab\.com$/,
  presented: (request) => only('token', request.headers['private-token'] ?? authorization(request, 'Bearer')),
  account: (seed) => ({ id: numberOf(seed), label: `tanuki-${seed.slice(0, 6)}` }),
  routes: [
    {
      method: 'GET',
      path: '/api/v4/user',
      answer: ({ account }) =>
        json(200, { id: numeric(account.id), username: account.label, name: account.label, state: 'active' }),
    },
    {
      method: 'GET',
      path: '/api/v4/personal_access_tokens/self',
      answer: ({ account, expiresAt, scopes }) =>
        json(200, {
          id: 4,
          name: 'flows',
          revoked: false,
          scopes: scopes.length > 0 ? scopes : ['api'],
          user_id: numeric(account.id),
          active: true,
          expires_at: expiresAt === null ? null : expiresAt.slice(0, 10),
        }),
    },
  ],
  refused: (why) => {
    if (why === 'missing' || why === 'unknown') return json(401, { message: '401 Unauthorized' });
    return json(401, {
      error: 'invalid_token',
      error_description:
        why === 'expired'
          ? 'Token is expired. You can either do re-authorization or token refresh.'
          : 'Token was revoked. You have to re-authorize from the user.',
    });
  },
  forbidden: () =>
    json(403, {
      error: 'insufficient_scope',
      error_description: 'The request requires higher privileges than provided by the access token.',
      scope: 'api read_user',
    }),
  rateLimited: (seconds, now) =>
    text(429, 'Retry later', { 'retry-after': String(seconds), 'ratelimit-reset': epochIn(seconds, now) }),
};
