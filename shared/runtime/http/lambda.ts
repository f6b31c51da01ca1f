import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import type { PortsFor } from '../../contract/capabilities.ts';
import { type CapabilitiesOf, guardsOf, type Route } from '../../contract/http/route.ts';
import { DomainError } from '../../domain/errors.ts';
import { lazy } from '../lazy.ts';
import { logger } from '../logger.ts';
import { createBaseContext } from '../operation-context.ts';
import { createPorts, type Wiring } from '../ports.ts';
import type { Endpoint } from './endpoint.ts';
import { handleRequest, type RequestGuards } from './pipeline.ts';
import { toProblem } from './problem.ts';
import type { HttpResponse } from './response.ts';

z.config(en());

/**
 * Creates the Lambda handler of an endpoint. A wiring without a capability that the route or its guards need does not
 * compile.
 */
export function lambda<R extends Route>(endpoint: Endpoint<R>, wiring: Wiring<CapabilitiesOf<R>>) {
  const { route } = endpoint;
  const context = lazy(() => createBaseContext());
  const ports = lazy(() => createPorts<PortsFor<R['capabilities'][number]>>(route.capabilities, wiring));
  const guards = lazy(() => createPorts<RequestGuards>(guardsOf(route), wiring));
  return middy<APIGatewayProxyEventV2, HttpResponse>()
    .use(requestLog(route))
    .use(securityHeaders())
    .use(problemDetails())
    .handler((event) => {
      const { requestId: correlationId } = event.requestContext;
      return handleRequest({
        endpoint,
        event,
        ports: Object.assign({ correlationId }, context(), ports()),
        guards: guards(),
      });
    });
}

/**
 * Logs one line per request: the route, the status, the error code of a refusal, the stack of a failure. No parameter,
 * header or body.
 */
function requestLog({ entry }: Pick<Route, 'entry'>): MiddlewareObj<APIGatewayProxyEventV2, HttpResponse> {
  const line = (event: APIGatewayProxyEventV2, response: HttpResponse | null | undefined) => ({
    route: entry,
    requestId: event.requestContext.requestId,
    status: response?.statusCode,
  });
  return {
    after({ event, response }) {
      logger().info('responded', line(event, response));
    },
    onError({ event, response, error }) {
      if (error instanceof DomainError) {
        logger().info('refused', { ...line(event, response), code: error.code });
      } else {
        logger().error('failed', { ...line(event, response), error: error ?? 'unknown' });
      }
    },
  };
}

/** Converts every error into problem details. */
function problemDetails(): MiddlewareObj<APIGatewayProxyEventV2, HttpResponse> {
  return {
    onError(request) {
      request.response = toProblem(request.error, request.event.requestContext.requestId);
    },
  };
}

/** The security headers of an API whose icons other origins show. Headers that only concern pages are left out. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=15552000; includeSubDomains',
  'x-content-type-options': 'nosniff',
} as const;

/** Adds the security headers to every response, refusals included. A route's own value of a header takes precedence. */
function securityHeaders(): MiddlewareObj<APIGatewayProxyEventV2, HttpResponse> {
  const addTo = (request: { response: HttpResponse | null | undefined }) => {
    const { response } = request;
    if (response) request.response = { ...response, headers: { ...SECURITY_HEADERS, ...response.headers } };
  };
  return { after: addTo, onError: addTo };
}
