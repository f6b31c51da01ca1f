import middy from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import type { Catalog } from '../../catalog/schema.ts';
import type { PortsFor } from '../../contract/capabilities.ts';
import type { Route } from '../../contract/http/route.ts';
import { lazy } from '../lazy.ts';
import { createBaseContext } from '../operation-context.ts';
import type { Endpoint } from './endpoint.ts';
import { handleRequest, type RequestGuards } from './pipeline.ts';
import { problemDetails } from './problem-details.ts';
import { requestLog } from './request-log.ts';
import type { HttpResponse } from './response.ts';
import { securityHeaders } from './security-headers.ts';

z.config(en());

/** Where a function gets its ports from, made once and not before the first request. */
export interface Sources<R extends Route> {
  readonly catalog: Catalog;
  readonly ports: () => PortsFor<R['capabilities'][number]>;
  /** Left out where no membership and no idempotency record is ever looked up. */
  readonly guards?: () => RequestGuards;
}

/** Makes the Lambda handler of an endpoint: the log around the errors around the request's way. */
export function lambda<R extends Route>(endpoint: Endpoint<R>, sources: Sources<R>) {
  const ports = lazy(() => Object.assign(createBaseContext(sources.catalog), sources.ports()));
  const guards = lazy(sources.guards ?? (() => CLOSED));
  return middy<APIGatewayProxyEventV2, HttpResponse>()
    .use(requestLog(endpoint.route))
    .use(securityHeaders())
    .use(problemDetails())
    .handler((event) => {
      const { requestId: correlationId } = event.requestContext;
      return handleRequest({
        endpoint,
        event,
        ports: Object.assign({ correlationId }, ports()),
        guards: guards(),
      });
    });
}

function closed(): never {
  throw new Error('This function was given no gate, but its route needs one.');
}

const CLOSED: RequestGuards = { roleOf: closed, findRecord: closed, replaceRecord: closed };
