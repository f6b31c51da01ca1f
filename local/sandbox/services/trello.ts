import { json, type Service, text } from '../service.ts';

/** https://developer.atlassian.com/cloud/trello/guides/rest-api/authorization/ and …/status-codes/ */
export const trello: Service = {
  provider: 'trello',
  host: /^api\.trello\.com$/,
  presented({ headers, query }) {
    const header = /^OAuth oauth_consumer_key="([^"]*)", oauth_token="([^"]*)"$/.exec(
      headers.authorization ?? '',
    );
    const apiKey = header?.[1] ?? query.get('key');
    const token = header?.[2] ?? query.get('token');
    return apiKey && token ? { apiKey, token } : undefined;
  },
  account: (seed) => ({ id: seed.slice(0, 24), label: `Trello member ${seed.slice(0, 6)}` }),
  routes: [
    {
      method: 'GET',
      path: '/1/members/me',
      answer: ({ account }) =>
        json(200, {
          id: account.id,
          fullName: account.label,
          username: account.label.replaceAll(/\W/g, '').toLowerCase(),
        }),
    },
    {
      method: 'GET',
      path: '/1/tokens/:token',
      answer: ({ account, expiresAt }) => json(200, { id: account.id, dateExpires: expiresAt }),
    },
  ],
  refused: (why) =>
    text(
      401,
      {
        missing: 'invalid key',
        unknown: 'invalid token',
        revoked: 'invalid token',
        expired: 'expired token',
      }[why],
    ),
  forbidden: () => text(401, 'unauthorized permission requested'),
  rateLimited: (seconds) =>
    json(
      429,
      { error: 'API_TOKEN_LIMIT_EXCEEDED', message: 'Rate limit exceeded' },
      { 'retry-after': String(seconds) },
    ),
};
