import * as z from 'zod/mini';
import type { Route } from '../../contract/http/route.ts';

/** An answer as API Gateway takes it. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Decided {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const versioned = z.object({ version: z.number() });

/**
 * Puts a declared answer into HTTP. The body goes through its schema, so that nothing undeclared gets out.
 *
 * @throws Error when a handler answers what its route does not declare.
 */
export function toHttp(route: Route, { status, body, headers = {} }: Decided): HttpResponse {
  const schema = route.responses[status];
  if (schema === undefined) throw new Error(`${route.entry} does not declare the answer ${status}.`);
  if (schema === null)
    return { statusCode: status, headers: { 'cache-control': 'no-store', ...headers }, body: '' };
  const told = z.parse(schema, body);
  const text = typeof told === 'string' ? told : JSON.stringify(told);
  return {
    statusCode: status,
    headers: {
      'content-type': route.mediaType ?? 'application/json',
      'cache-control': 'no-store',
      ...(route.etag && { etag: `"${versioned.parse(told).version}"` }),
      ...headers,
    },
    body: text,
  };
}
