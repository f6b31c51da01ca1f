import { CORS } from '../../shared/contract/http/cors.ts';
import type { ReceivedRequest } from './request.ts';
import type { GatewayResponse } from './response.ts';

export interface Cors {
  /** The response to a preflight, which no authorizer sees; undefined for any other request. */
  preflight(request: ReceivedRequest): GatewayResponse | undefined;
  /** Replaces the function's own CORS headers by the configured ones. */
  decorate(response: GatewayResponse, origin: string | undefined): GatewayResponse;
}

/**
 * Configures CORS as an HTTP API has it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 *
 * @param isAllowed decides about an origin.
 */
export function configureCors(isAllowed: (origin: string) => boolean, methods: readonly string[]): Cors {
  const grants = (origin: string | undefined): [string, string][] =>
    origin !== undefined && isAllowed(origin) ? [['access-control-allow-origin', origin]] : [];
  return {
    preflight({ method, headers: { origin, 'access-control-request-method': requested } }) {
      if (method !== 'OPTIONS' || origin === undefined || requested === undefined) return undefined;
      const granted = grants(origin);
      const headers = granted.length === 0 ? [] : [...granted, ...preflightHeaders(methods)];
      return { status: 204, headers, body: Buffer.alloc(0) };
    },
    decorate(response, origin) {
      const kept = response.headers.filter(([name]) => !name.startsWith('access-control-'));
      const granted = grants(origin);
      const exposed = ['access-control-expose-headers', CORS.exposeHeaders.join(',')] as const;
      return { ...response, headers: granted.length === 0 ? kept : [...kept, ...granted, exposed] };
    },
  };
}

function preflightHeaders(methods: readonly string[]): [string, string][] {
  return [
    ['access-control-allow-methods', methods.join(',')],
    ['access-control-allow-headers', CORS.allowHeaders.join(',')],
    ['access-control-max-age', String(CORS.maxAgeSeconds)],
  ];
}
