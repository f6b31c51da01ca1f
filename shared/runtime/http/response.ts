import * as z from 'zod/mini';
import type { Route } from '../../contract/http/route.ts';

/** A response in API Gateway's payload format 2.0. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface HandlerResponse {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const versioned = z.object({ version: z.number() });

/**
 * Serializes a handler's response. The compiler checks the body, and the tests hold every response against the route's
 * schema and openapi.json, so that production does not parse what it has built itself.
 *
 * @throws Error when the route does not declare the status.
 */
export function toHttp(route: Route, { status, body, headers = {} }: HandlerResponse): HttpResponse {
  const schema = route.responses[status];
  if (schema === undefined) throw new Error(`${route.entry} does not declare the response ${status}.`);
  if (schema === null) {
    return { statusCode: status, headers: { 'cache-control': 'no-store', ...headers }, body: '' };
  }
  return {
    statusCode: status,
    headers: {
      'content-type': route.mediaType ?? 'application/json',
      'cache-control': 'no-store',
      ...(route.etag === 'version' && { etag: `"${versioned.parse(body).version}"` }),
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}
