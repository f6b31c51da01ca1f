import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { isBodyOptional, isIdempotent, noBody, type Route } from '../../contract/http/route.ts';
import { type RequestLimit, requireWithinLimit } from '../../domain/access/request-limit.ts';
import type { RoleReader } from '../../domain/access/roles.ts';
import type { IdempotencyStore } from '../../domain/idempotency.ts';
import { optionalSetting } from '../environment.ts';
import { logger } from '../logger.ts';
import { AUTHENTICATE } from './authenticate.ts';
import { type AccessOf, authorize } from './authorize.ts';
import type { Callers, Endpoint, HandlerPorts } from './endpoint.ts';
import { withIdempotency } from './idempotency.ts';
import { expectedVersions } from './if-match.ts';
import { bodyJson, bodyText, parseInput, requireNoBody } from './input.ts';
import { type HttpResponse, toHttp } from './response.ts';

/** Ports of the guards in front of a handler; each is present where the route's declaration needs it (`guardsOf`). */
export interface RequestGuards {
  readonly roles?: RoleReader;
  readonly idempotency?: IdempotencyStore;
  readonly requestLimit?: RequestLimit;
}

/** A request with everything that handling it needs. */
export interface RequestContext<R extends Route> {
  readonly endpoint: Endpoint<R>;
  readonly event: APIGatewayProxyEventV2;
  readonly ports: HandlerPorts<R>;
  readonly guards: RequestGuards;
}

/**
 * Request pipeline: authenticate, authorize, parse, replay idempotent requests, limit those of a project, call the handler.
 * With `concurrentAuthorization`, the steps after authorizing do not wait for it, but their result does: a refusal comes
 * before any error of theirs.
 *
 * @throws DomainError of any step.
 */
export async function handleRequest<R extends Route>(context: RequestContext<R>): Promise<HttpResponse> {
  const { endpoint, event, guards } = context;
  const { route } = endpoint;
  const kind: R['caller']['kind'] = route.caller.kind;
  const caller = AUTHENTICATE[kind](event);
  const { projectId, connectionId } = event.pathParameters ?? {};
  const access = authorize(route, { userId: caller?.id, projectId, connectionId }, guards.roles);
  if (!route.concurrentAuthorization) await access;
  const response = respond(context, caller, access);
  // A refusal leaves nobody who awaits the response.
  response.catch(() => undefined);
  await access;
  return response;
}

/** The steps after authorizing. */
async function respond<R extends Route>(
  { endpoint, event, ports, guards }: RequestContext<R>,
  caller: Callers[R['caller']['kind']],
  access: Promise<AccessOf<R>>,
): Promise<HttpResponse> {
  const { route } = endpoint;
  const { projectId } = event.pathParameters ?? {};
  const text = bodyText(event);
  const input = {
    ...parseInput<R['params'], R['query'], R['body']>(route, {
      params: event.pathParameters ?? {},
      query: event.queryStringParameters ?? {},
      body: parseBody(route, event, text),
    }),
    caller,
    access,
    expected: route.ifMatch ? expectedVersions(event.headers['if-match']) : null,
    ifNoneMatch: event.headers['if-none-match'],
    view: { apiUrl: apiUrl(event), now: ports.clock.now() },
  };
  const { requestLimit } = guards;
  const handle = async () => {
    if (requestLimit && projectId) await requireWithinLimit(projectId, requestLimit, input.view.now);
    return toHttp(route, await endpoint.handle(input, ports));
  };
  const key = event.headers['idempotency-key'];
  if (key === undefined || !isIdempotent(route)) return handle();
  if (!guards.idempotency) throw new Error('The route is idempotent, but its function cannot store records.');
  return withIdempotency(
    { key, scope: [route.caller.kind, caller?.id, projectId], event, body: text },
    handle,
    {
      clock: ports.clock,
      ids: ports.ids,
      idempotency: guards.idempotency,
      onStoreError: (error) => {
        const { requestId } = event.requestContext;
        logger().error('response not stored', { route: route.entry, requestId, error });
      },
    },
  );
}

function parseBody(route: Route, event: APIGatewayProxyEventV2, text: string): unknown {
  if (route.body === noBody) return requireNoBody(text);
  return text === '' && isBodyOptional(route) ? undefined : bodyJson(event, text);
}

/**
 * Returns the API's own address: the stage's setting, or the domain name of API Gateway. Never the Host header, which the
 * caller chooses.
 */
function apiUrl({ requestContext }: APIGatewayProxyEventV2): string {
  return optionalSetting('API_URL') ?? `https://${requestContext.domainName}`;
}
