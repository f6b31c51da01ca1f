import { authorization, json, only, type Service } from '../service.ts';

/** https://airtable.com/developers/web/api/get-user-id-scopes and …/errors */
export const airtable: Service = {
  provider: 'airtable',
  host: /^api\.airtable\.com$/,
  presented: (request) => only('token', authorization(request, 'Bearer')),
  account: (seed) => ({ id: `usr${seed.slice(0, 14)}`, label: `${seed.slice(0, 6)}@airtable.example` }),
  routes: [
    {
      method: 'GET',
      path: '/v0/meta/whoami',
      answer: ({ account, scopes }) =>
        json(200, {
          id: account.id,
          ...(scopes.length === 0 || scopes.includes('user.email:read') ? { email: account.label } : {}),
          scopes,
        }),
    },
  ],
  refused: () =>
    json(401, { error: { type: 'AUTHENTICATION_REQUIRED', message: 'Authentication required' } }),
  forbidden: () =>
    json(403, {
      error: {
        type: 'INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND',
        message: 'Invalid permissions, or the requested model was not found.',
      },
    }),
  rateLimited: (seconds) =>
    json(
      429,
      { errors: [{ error: 'RATE_LIMIT_REACHED', message: 'Rate limit exceeded. Please try again later' }] },
      { 'retry-after': String(seconds) },
    ),
};
