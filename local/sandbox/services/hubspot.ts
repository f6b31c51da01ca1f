import { authorization, json, numberOf, numeric, only, type Service } from '../service.ts';

const error = (status: number, category: string, message: string) =>
  json(status, { status: 'error', message, correlationId: '00000000-0000-4000-8000-000000000000', category });

/** https://developers.hubspot.com/docs/api-reference/error-handling */
export const hubspot: Service = {
  provider: 'hubspot',
  host: /^api\.hubapi\.com$/,
  presented: (request) => only('token', authorization(request, 'Bearer')),
  account: (seed) => ({ id: numberOf(seed), label: numberOf(seed) }),
  routes: [
    {
      method: 'GET',
      path: '/account-info/v3/details',
      answer: ({ account }) =>
        json(200, { portalId: numeric(account.id), accountType: 'STANDARD', uiDomain: 'app.hubspot.com' }),
    },
  ],
  refused: (why) =>
    why === 'expired'
      ? error(401, 'EXPIRED_AUTHENTICATION', 'The OAuth token used to make this call expired.')
      : error(401, 'INVALID_AUTHENTICATION', 'Authentication credentials not found.'),
  forbidden: () => error(403, 'MISSING_SCOPES', 'This app has not been granted all required scopes.'),
  rateLimited: (seconds) =>
    json(
      429,
      {
        status: 'error',
        message: 'You have reached your secondly limit.',
        errorType: 'RATE_LIMIT',
        correlationId: '00000000-0000-4000-8000-000000000000',
        policyName: 'SECONDLY',
      },
      { 'retry-after': String(seconds) },
    ),
};
