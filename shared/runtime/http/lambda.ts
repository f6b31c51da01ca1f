import middy from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import type { Catalog } from '../../catalog/schema.ts';
import type { PortsFor } from '../../routes/needs.ts';
import type { Route } from '../../routes/route.ts';
import { toolsOf } from '../essentials.ts';
import { lazy } from '../lazy.ts';
import type { HttpAnswer } from './answer.ts';
import type { Endpoint } from './endpoint.ts';
import { problemDetails } from './problem-details.ts';
import { requestLog } from './request-log.ts';
import { securityHeaders } from './security-headers.ts';
import { type Gate, serve } from './serve.ts';

z.config(en());

/** Where a function gets its ports from, made once and not before the first request. */
export interface Sources<R extends Route> {
  readonly catalog: Catalog;
  readonly ports: () => PortsFor<R['needs'][number]>;
  /** Left out where no membership and no idempotency record is ever looked up. */
  readonly gate?: () => Gate;
}

/** Makes the Lambda handler of an endpoint: the log around the errors around the request's way. */
export function lambda<R extends Route>(endpoint: Endpoint<R>, sources: Sources<R>) {
  const ports = lazy(() => Object.assign(toolsOf(sources.catalog), sources.ports()));
  const gate = lazy(sources.gate ?? (() => CLOSED));
  return middy<APIGatewayProxyEventV2, HttpAnswer>()
    .use(requestLog(endpoint.route))
    .use(securityHeaders())
    .use(problemDetails())
    .handler((event) => {
      const { requestId: correlationId } = event.requestContext;
      return serve({ endpoint, event, ports: Object.assign({ correlationId }, ports()), gate: gate() });
    });
}

function closed(): never {
  throw new Error('This function was given no gate, but its route needs one.');
}

const CLOSED: Gate = { roleOf: closed, findRecord: closed, replaceRecord: closed };
