import { basic, json, type Service } from '../service.ts';

const error = (status: number, code: number, message: string, headers = {}) =>
  json(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }, headers);

/** https://www.twilio.com/docs/iam/api/account and https://www.twilio.com/docs/api/errors */
export const twilio: Service = {
  provider: 'twilio',
  host: /^api\.twilio\.com$/,
  presented: (request) => {
    const pair = basic(request);
    return pair && { accountSid: pair.username, authToken: pair.password };
  },
  account: (seed, presented) => ({ id: presented.accountSid ?? '', label: `Project ${seed.slice(0, 6)}` }),
  routes: [
    {
      method: 'GET',
      path: '/2010-04-01/Accounts/:sid',
      answer: ({ account }) =>
        json(200, { sid: account.id, friendly_name: account.label, status: 'active', type: 'Full' }),
    },
  ],
  refused: () => error(401, 20003, 'Authenticate'),
  forbidden: () => error(403, 20403, '403 Forbidden'),
  rateLimited: (seconds) => error(429, 20429, 'Too Many Requests', { 'retry-after': String(seconds) }),
};
