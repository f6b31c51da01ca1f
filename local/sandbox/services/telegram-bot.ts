import { json, numberOf, numeric, only, type Service } from '../service.ts';

const error = (code: number, description: string, more = {}) =>
  json(code, { ok: false, error_code: code, description, ...more });

/** https://core.telegram.org/bots/api#making-requests and #getme */
export const telegramBot: Service = {
  provider: 'telegram-bot',
  host: /^api\.telegram\.org$/,
  presented: (request) => only('token', /^\/bot([^/]+)\//.exec(request.path)?.[1]),
  account: (seed) => ({ id: numberOf(seed), label: `@flows_${seed.slice(0, 6)}_bot` }),
  routes: [
    {
      method: 'GET',
      path: '/bot:token/getMe',
      answer: ({ account }) =>
        json(200, {
          ok: true,
          result: {
            id: numeric(account.id),
            is_bot: true,
            first_name: account.label,
            ...(account.label.startsWith('@') ? { username: account.label.slice(1) } : {}),
          },
        }),
    },
  ],
  refused: () => error(401, 'Unauthorized'),
  forbidden: () => error(403, 'Forbidden: bot is not allowed to do that'),
  rateLimited: (seconds) =>
    error(429, `Too Many Requests: retry after ${seconds}`, { parameters: { retry_after: seconds } }),
};
