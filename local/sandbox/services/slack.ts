import { authorization, json, only, type Service, whoAndWhere } from '../service.ts';

/** https://docs.slack.dev/reference/methods/auth.test: errors come with status 200 too. */
export const slack: Service = {
  provider: 'slack',
  host: /^slack\.com$/,
  presented: (request) =>
    only(
      'token',
      authorization(request, 'Bearer') ?? new URLSearchParams(request.body).get('token') ?? undefined,
    ),
  account: (seed) => ({
    id: `T${seed.slice(0, 8)}:U${seed.slice(8, 16)}`.toUpperCase(),
    label: `grace (Workspace ${seed.slice(0, 6)})`,
  }),
  routes: [
    {
      method: 'POST',
      path: '/api/auth.test',
      answer: ({ account }) => {
        const [team = '', user] = account.id.split(':');
        const { who, where } = whoAndWhere(account.label);
        return json(200, {
          ok: true,
          url: 'https://workspace.slack.example/',
          team: where,
          user: who,
          team_id: user === undefined ? 'T00000000' : team,
          user_id: user ?? team,
        });
      },
    },
  ],
  refused: (why) =>
    json(200, {
      ok: false,
      error: {
        missing: 'not_authed',
        unknown: 'invalid_auth',
        revoked: 'token_revoked',
        expired: 'token_expired',
      }[why],
    }),
  forbidden: () =>
    json(200, { ok: false, error: 'missing_scope', needed: 'users:read', provided: 'chat:write' }),
  rateLimited: (seconds) =>
    json(429, { ok: false, error: 'ratelimited' }, { 'retry-after': String(seconds) }),
};
