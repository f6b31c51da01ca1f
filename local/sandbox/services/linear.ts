import { json, only, type Service } from '../service.ts';

const error = (status: number, code: string, message: string, headers = {}) =>
  json(
    status,
    {
      errors: [
        { message, extensions: { type: code.toLowerCase().replaceAll('_', ' '), code, statusCode: status } },
      ],
    },
    headers,
  );

/** https://linear.app/developers/graphql and https://linear.app/developers/rate-limiting */
export const linear: Service = {
  provider: 'linear',
  host: /^api\.linear\.app$/,
  presented: (request) => only('apiKey', request.headers.authorization),
  account: (seed) => ({
    id: seed.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    label: `${seed.slice(0, 6)}@linear.example`,
  }),
  routes: [
    {
      method: 'POST',
      path: '/graphql',
      answer: ({ account }) =>
        json(200, {
          data: {
            viewer: { id: account.id, email: account.label, organization: { id: 'org-1', name: 'Acme' } },
          },
        }),
    },
  ],
  refused: () => error(401, 'AUTHENTICATION_ERROR', 'Authentication required, not authenticated'),
  forbidden: () => error(403, 'FORBIDDEN', 'You do not have permission to perform this action'),
  rateLimited: (seconds, now) =>
    error(400, 'RATELIMITED', 'Rate limit exceeded', {
      'x-ratelimit-requests-remaining': '0',
      'x-ratelimit-requests-reset': String(now.getTime() + seconds * 1000),
    }),
};
