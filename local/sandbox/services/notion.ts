import { authorization, json, only, type Service } from '../service.ts';

const error = (status: number, code: string, message: string, headers = {}) =>
  json(status, { object: 'error', status, code, message }, headers);

/** https://developers.notion.com/reference/get-self and …/status-codes */
export const notion: Service = {
  provider: 'notion',
  host: /^api\.notion\.com$/,
  presented: (request) => only('token', authorization(request, 'Bearer')),
  account: (seed) => ({
    id: seed.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    label: `Workspace ${seed.slice(0, 6)}`,
  }),
  routes: [
    {
      method: 'GET',
      path: '/v1/users/me',
      answer: ({ account, request }) =>
        request.headers['notion-version'] === undefined
          ? error(400, 'missing_version', 'Notion-Version header should be defined.')
          : json(200, {
              object: 'user',
              id: account.id,
              name: 'Flows',
              avatar_url: null,
              type: 'bot',
              bot: { owner: { type: 'workspace', workspace: true }, workspace_name: account.label },
            }),
    },
  ],
  refused: () => error(401, 'unauthorized', 'API token is invalid.'),
  forbidden: () => error(403, 'restricted_resource', 'Insufficient permissions for this endpoint.'),
  rateLimited: (seconds) =>
    error(429, 'rate_limited', 'You have been rate limited.', { 'retry-after': String(seconds) }),
};
