import { json, numberOf, numeric, only, type Service, whoAndWhere } from '../service.ts';

const error = (status: number, message: string, headers = {}) =>
  json(
    status,
    {
      success: false,
      error: message,
      errorCode: status,
      error_info: 'Please check developers.pipedrive.com for more information.',
    },
    headers,
  );

/** https://developers.pipedrive.com/docs/api/v1/Users and …/docs/core-api-concepts-http-status-codes */
export const pipedrive: Service = {
  provider: 'pipedrive',
  host: /^api\.pipedrive\.com$/,
  presented: (request) =>
    only('apiToken', request.headers['x-api-token'] ?? request.query.get('api_token') ?? undefined),
  account: (seed) => ({
    id: `${numberOf(seed.slice(8))}:${numberOf(seed)}`,
    label: `James (Deals ${seed.slice(0, 6)})`,
  }),
  routes: [
    {
      method: 'GET',
      path: '/v1/users/me',
      answer: ({ account }) => {
        const [company = '', user] = account.id.split(':');
        const { who, where } = whoAndWhere(account.label);
        return json(200, {
          success: true,
          data: {
            id: numeric(user ?? company),
            name: who,
            email: 'james@pipedrive.example',
            company_id: user === undefined ? 1 : numeric(company),
            company_name: where,
          },
        });
      },
    },
  ],
  refused: () => error(401, 'unauthorized access'),
  forbidden: () => error(403, 'Scope and URL mismatch'),
  rateLimited: (seconds) =>
    error(429, 'Request over limit', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(seconds) }),
};
