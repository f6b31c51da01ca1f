import { CORS } from '../../shared/contract/http/cors.ts';
import type { Answer } from './answer.ts';
import type { ReceivedRequest } from './received-request.ts';

export interface Cors {
  /** The answer to a preflight, which needs no authorisation; `undefined` for any other request. */
  preflight(request: ReceivedRequest): Answer | undefined;
  /** The answer with the configured CORS headers in place of the function's own. */
  decorate(answer: Answer, origin: string | undefined): Answer;
}

/**
 * CORS as an HTTP API does it. With no allowed origin it is not configured, and nothing is touched.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 *
 * @param allowedOrigins exact origins, `*`, `http://*` or `https://*`.
 */
export function configureCors(allowedOrigins: readonly string[], methods: readonly string[]): Cors {
  if (allowedOrigins.length === 0) return { preflight: () => undefined, decorate: (answer) => answer };
  const grants = (origin: string | undefined): readonly (readonly [string, string])[] => {
    const granted = origin === undefined ? undefined : allowOrigin(allowedOrigins, origin);
    return granted === undefined ? [] : [['access-control-allow-origin', granted]];
  };
  return {
    preflight(request) {
      const { origin } = request.headers;
      if (request.method !== 'OPTIONS' || origin === undefined) return undefined;
      if (request.headers['access-control-request-method'] === undefined) return undefined;
      const granted = grants(origin);
      const headers = granted.length === 0 ? [] : [...granted, ...preflightHeaders(methods)];
      return { status: 204, headers, body: Buffer.alloc(0) };
    },
    decorate(answer, origin) {
      const kept = answer.headers.filter(([name]) => !name.startsWith('access-control-'));
      const granted = grants(origin);
      const exposed = ['access-control-expose-headers', CORS.exposeHeaders.join(',')] as const;
      return { ...answer, headers: granted.length === 0 ? kept : [...kept, ...granted, exposed] };
    },
  };
}

function allowOrigin(allowedOrigins: readonly string[], origin: string): string | undefined {
  if (allowedOrigins.includes('*')) return '*';
  const allowed = allowedOrigins.some((pattern) =>
    pattern.endsWith('://*') ? origin.startsWith(pattern.slice(0, -1)) : pattern === origin,
  );
  return allowed ? origin : undefined;
}

function preflightHeaders(methods: readonly string[]): readonly (readonly [string, string])[] {
  return [
    ['access-control-allow-methods', methods.join(',')],
    ['access-control-allow-headers', CORS.allowHeaders.join(',')],
    ['access-control-max-age', String(CORS.maxAgeSeconds)],
  ];
}
