import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { isIdempotent, noBody, type Route } from '../../contract/http/route.ts';
import type { MemberReader } from '../../domain/access/members.ts';
import { DomainError } from '../../domain/errors.ts';
import { logger } from '../logger.ts';
import { authorize } from './authorize.ts';
import { IDENTIFY } from './caller.ts';
import type { Endpoint, PortsOfRoute } from './endpoint.ts';
import { type IdempotencyStore, once, requireKeyForm } from './idempotency.ts';
import { bodyJson, bodyText, parseAll } from './input.ts';
import { expectedVersions } from './precondition.ts';
import { toProblem } from './problem.ts';
import { type HttpResponse, toHttp } from './response.ts';

/** What stands between a request and its handler: who may do what, and what was answered before. */
export type RequestGuards = Pick<MemberReader, 'roleOf'> & IdempotencyStore;

/** A request with what it takes to answer it. */
export interface RequestContext<R extends Route> {
  readonly endpoint: Endpoint<R>;
  readonly event: APIGatewayProxyEventV2;
  readonly ports: PortsOfRoute<R>;
  readonly guards: RequestGuards;
}

/**
 * The way of a request through the house: who are you, may you, what do you ask, was it asked before; then the
 * decision.
 */
export async function handleRequest<R extends Route>({
  endpoint,
  event,
  ports,
  guards,
}: RequestContext<R>): Promise<HttpResponse> {
  const { route } = endpoint;
  const { requestId } = event.requestContext;
  const kind: R['caller']['kind'] = route.caller.kind;
  const caller = IDENTIFY[kind](event);
  await authorize(route, caller?.id, event.pathParameters?.projectId, guards);
  const text = bodyText(event);
  const input = {
    ...parseAll<R['params'], R['query'], R['body']>(route, {
      params: event.pathParameters ?? {},
      query: event.queryStringParameters ?? {},
      body: route.body === noBody ? undefined : bodyJson(event, text),
    }),
    caller,
    expected: route.ifMatch ? expectedVersions(event.headers['if-match']) : null,
    view: { apiUrl: apiUrl(event), catalog: ports.catalog, now: ports.clock.now() },
  };
  const carryOut = async () => toHttp(route, await endpoint.decide(input, ports));
  const key = event.headers['idempotency-key'];
  if (key === undefined || !isIdempotent(route)) return carryOut();
  const sender = [route.caller.kind, caller?.id];
  return once(keyed(requireKeyForm(key), sender, event, text), () => settled(carryOut, event), {
    ...guards,
    clock: ports.clock,
    notKept: (error) => logger().error('answer not kept', { route: route.entry, requestId, error }),
  });
}

/** A refusal that will be the same the next time is an answer like any other; it is kept and given again. */
async function settled(
  carryOut: () => Promise<HttpResponse>,
  event: APIGatewayProxyEventV2,
): Promise<HttpResponse> {
  try {
    return await carryOut();
  } catch (error) {
    if (!(error instanceof DomainError) || PASSING.has(error.code)) throw error;
    return toProblem(error, event.requestContext.requestId);
  }
}

/** Refusals that time alone undoes. */
const PASSING: ReadonlySet<DomainError['code']> = new Set([
  'busy',
  'provider_unavailable',
  'reconnect_in_progress',
]);

function keyed(key: string, sender: readonly unknown[], event: APIGatewayProxyEventV2, text: string) {
  const { method, path } = event.requestContext.http;
  return {
    digest: createHash('sha256')
      .update(JSON.stringify([...sender, key]))
      .digest('base64url'),
    request: JSON.stringify([method, path, event.headers['if-match'] ?? '', text]),
  };
}

/** Where the API is reached, as the caller reached it. */
function apiUrl({ headers, requestContext }: APIGatewayProxyEventV2): string {
  return `${headers['x-forwarded-proto'] ?? 'https'}://${headers.host ?? requestContext.domainName}`;
}
