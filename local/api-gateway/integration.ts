import type { IncomingMessage } from 'node:http';
import type { Answer } from './answer.ts';
import type { Cors } from './cors.ts';
import { type AuthorizerContext, buildEvent } from './event.ts';
import { accountOf, authorizeIam, type IamSettings } from './iam-authorizer.ts';
import type { JwtAuthorizer } from './jwt-authorizer.ts';
import { lambdaContext } from './lambda-context.ts';
import { readResult } from './lambda-result.ts';
import { type ReceivedRequest, receiveRequest } from './received-request.ts';
import { Refused } from './refusal.ts';
import type { FindRoute, RouteMatch } from './router.ts';

/** What one request needs of the API it is made to. */
export interface Api {
  readonly findRoute: FindRoute;
  readonly cors: Cors;
  readonly authorizeJwt: JwtAuthorizer;
  readonly iam: IamSettings;
  readonly integrationTimeoutMs: number;
}

/** What is known of one request so far, for the access log. */
export interface Exchange {
  readonly requestId: string;
  match?: RouteMatch;
}

/**
 * Takes one request from its bytes to the function's answer: sizes, preflight, route, authoriser, function.
 *
 * @throws Refused for everything API Gateway itself refuses.
 */
export async function answerRequest(message: IncomingMessage, exchange: Exchange, api: Api): Promise<Answer> {
  const request = await receiveRequest(message);
  const preflight = api.cors.preflight(request);
  if (preflight) return preflight;
  const match = api.findRoute(request.method, request.encodedPath);
  if (!match) throw new Refused('notFound');
  exchange.match = match;
  const now = new Date();
  const authorizer = await authorize(request, match, api, now);
  const { requestId } = exchange;
  const event = buildEvent({
    request,
    match,
    authorizer,
    requestId,
    accountId: accountOf(api.iam.userArn),
    now,
  });
  const context = lambdaContext(match.routeKey, api.iam, api.integrationTimeoutMs);
  const invocation = invoke(() => match.route.handler(event, context));
  const answer = readResult(await withinTime(invocation, api.integrationTimeoutMs));
  return api.cors.decorate(answer, request.headers.origin);
}

async function authorize(
  request: ReceivedRequest,
  match: RouteMatch,
  api: Api,
  now: Date,
): Promise<AuthorizerContext | undefined> {
  switch (match.route.authorizer) {
    case 'jwt':
      return await api.authorizeJwt(request, now);
    case 'iam':
      return await authorizeIam(request, api.iam, now);
    case 'none':
      return undefined;
  }
}

async function invoke(handler: () => Promise<unknown>): Promise<unknown> {
  try {
    return await handler();
  } catch (cause) {
    throw new Refused('internalError', {}, { cause });
  }
}

/** The gateway gives up; the function runs on, as on AWS. */
async function withinTime(invocation: Promise<unknown>, timeoutMs: number): Promise<unknown> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Refused('timedOut')), timeoutMs);
  try {
    return await Promise.race([invocation, late]);
  } finally {
    clearTimeout(timer);
  }
}
