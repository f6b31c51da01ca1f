import { authorization, json, numberOf, only, type Service } from '../service.ts';

/** https://discord.com/developers/docs/resources/user#get-current-user and …/topics/rate-limits */
export const discordBot: Service = {
  provider: 'discord-bot',
  host: /^discord\.com$/,
  presented: (request) => only('token', authorization(request, 'Bot')),
  account: (seed) => ({ id: `1${numberOf(seed)}00000000`, label: `flows-${seed.slice(0, 6)}` }),
  routes: [
    {
      method: 'GET',
      path: '/api/v10/users/@me',
      answer: ({ account }) => json(200, { id: account.id, username: account.label, bot: true }),
    },
  ],
  refused: () => json(401, { message: '401: Unauthorized', code: 0 }),
  forbidden: () => json(403, { message: 'Missing Access', code: 50001 }),
  rateLimited: (seconds) =>
    json(
      429,
      { message: 'You are being rate limited.', retry_after: seconds, global: false },
      {
        'retry-after': String(seconds),
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset-after': String(seconds),
      },
    ),
};
