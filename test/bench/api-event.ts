import { USERS } from '../../local/users.ts';

/** Returns the event of a request by the administrator, as API Gateway sends it to a function. */
export function apiEvent(
  token: string,
  method: string,
  pathParameters: Readonly<Record<string, string>>,
  { query, body }: { readonly query?: Readonly<Record<string, string>>; readonly body?: unknown } = {},
) {
  return {
    version: '2.0',
    rawPath: '/',
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    pathParameters,
    ...(query && { queryStringParameters: query }),
    requestContext: {
      http: { method, path: '/', sourceIp: '127.0.0.1', userAgent: 'bench' },
      requestId: 'bench',
      authorizer: { jwt: { claims: { sub: USERS.administrator.id }, scopes: null } },
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  };
}
