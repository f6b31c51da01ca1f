import { basic, json, type Service, text, whoAndWhere } from '../service.ts';

const site = (host: string) => host.split('.')[0] ?? '';

/** https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-myself/ and …/rest/v3/intro/ */
export const jira: Service = {
  provider: 'jira',
  host: /^[a-z0-9-]+\.atlassian\.net$/,
  presented: (request) => {
    const pair = basic(request);
    return pair && { site: site(request.host), email: pair.username, apiToken: pair.password };
  },
  account: (seed) => ({ id: `5b10${seed.slice(0, 20)}`, label: `${seed.slice(0, 6)}@jira.example` }),
  routes: [
    {
      method: 'GET',
      path: '/rest/api/3/myself',
      answer: ({ account }) => {
        const { who } = whoAndWhere(account.label);
        return json(200, {
          accountId: account.id.split('/').at(-1),
          accountType: 'atlassian',
          emailAddress: who,
          displayName: who,
          active: true,
        });
      },
    },
  ],
  refused: () =>
    text(401, 'Client must be authenticated to access this resource.', {
      'x-seraph-loginreason': 'AUTHENTICATED_FAILED',
      'www-authenticate': 'OAuth realm="https%3A%2F%2Fexample.atlassian.net"',
    }),
  forbidden: () =>
    json(403, { errorMessages: ['You do not have permission to access this resource.'], errors: {} }),
  rateLimited: (seconds) =>
    json(
      429,
      { message: 'Rate limit exceeded.' },
      { 'retry-after': String(seconds), 'ratelimit-reason': 'jira-burst-based' },
    ),
};
