import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { accountOf, type IamSettings, lambdaContext } from '../lambda.ts';
import { listen } from '../loopback.ts';
import { type Cors, configureCors } from './cors.ts';
import { type AuthorizerContext, buildEvent, type EventParts } from './event.ts';
import { readFunctionResult } from './function-result.ts';
import { authorizeIam } from './iam-authorizer.ts';
import { type JwtAuthorizer, type JwtSettings, jwtAuthorizer } from './jwt-authorizer.ts';
import { type AuthorizerFunction, authorizeByLambda } from './lambda-authorizer.ts';
import { receiveRequest } from './request.ts';
import {
  errorResponse,
  GatewayError,
  type GatewayResponse,
  respondToParserError,
  sendResponse,
} from './response.ts';
import { type ApiRoute, compileRoutes, type FindRoute } from './router.ts';

export interface ApiGatewayOptions {
  readonly routes: readonly ApiRoute[];
  /** Left out or 0: a free port. */
  readonly port?: number;
  /** Beside the API's own origin. */
  readonly allowedOrigins: readonly string[];
  readonly jwt: JwtSettings;
  /** Verifies users' tokens in place of `jwt`. */
  readonly tokenAuthorizer?: AuthorizerFunction;
  readonly iam: IamSettings;
  /** Sees each request first; true where it has responded. */
  readonly localRoutes?: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
  /** Receives the cause of a 5xx: the error of a function, or of its result. */
  readonly onFailure?: (routeKey: string, error: unknown) => void;
  /** 30,000 unless given, API Gateway's maximum. */
  readonly integrationTimeoutMs?: number;
}

export interface ApiGateway {
  readonly url: string;
  /** Stops accepting, waits for the requests under way, then ends every connection. */
  close(): Promise<void>;
}

interface Api {
  readonly findRoute: FindRoute;
  readonly cors: Cors;
  readonly authorizeJwt: JwtAuthorizer;
  readonly options: ApiGatewayOptions;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MAX_INTEGRATION_TIMEOUT_MS = 30_000;
/** Far above the 10,240 bytes of API Gateway, so that the gateway counts and refuses, not the parser. */
const PARSER_HEADER_LIMIT = 64 * 1024;

/**
 * Serves Lambda handlers on 127.0.0.1 as an API Gateway HTTP API does.
 *
 * @throws Error where the port is taken.
 */
export async function startApiGateway(options: ApiGatewayOptions): Promise<ApiGateway> {
  const methods = [...new Set(options.routes.map(({ method }) => method))];
  const origins = new Set(options.allowedOrigins);
  const api: Api = {
    findRoute: compileRoutes(options.routes),
    cors: configureCors((origin) => origins.has(origin), methods),
    authorizeJwt: jwtAuthorizer(options.jwt),
    options,
  };
  const underWay = new Set<Promise<void>>();
  const server = createServer({ maxHeaderSize: PARSER_HEADER_LIMIT }, (message, response) => {
    const exchange = serve(message, response, api).finally(() => underWay.delete(exchange));
    underWay.add(exchange);
  });
  server.on('clientError', respondToParserError);
  const { url } = await listen(server, options.port);
  origins.add(url);
  return {
    url,
    async close() {
      server.close();
      await Promise.all(underWay);
      server.closeAllConnections();
    },
  };
}

/** A request under way. */
interface Exchange {
  readonly requestId: string;
  routeKey: string;
}

async function serve(message: IncomingMessage, outgoing: ServerResponse, api: Api): Promise<void> {
  const exchange: Exchange = { requestId: randomUUID(), routeKey: '-' };
  let response: GatewayResponse;
  try {
    if (await api.options.localRoutes?.(message, outgoing)) return;
    response = await respond(message, exchange, api);
  } catch (thrown) {
    const error =
      thrown instanceof GatewayError ? thrown : new GatewayError('internalError', {}, { cause: thrown });
    const { origin } = message.headers;
    response = api.cors.decorate(errorResponse(error, exchange.requestId), origin);
    if (response.status >= 500) api.options.onFailure?.(exchange.routeKey, error.cause ?? error);
  }
  const headers = [...response.headers, ['apigw-requestid', exchange.requestId] as const];
  sendResponse(outgoing, { ...response, headers });
}

/**
 * Responds to a request: size limits, CORS preflight, route, authorizer, function.
 *
 * @throws GatewayError for everything that API Gateway itself refuses.
 */
async function respond(message: IncomingMessage, exchange: Exchange, api: Api): Promise<GatewayResponse> {
  const request = await receiveRequest(message);
  const preflight = api.cors.preflight(request);
  if (preflight) return preflight;
  const match = api.findRoute(request.method, request.encodedPath);
  if (!match) throw new GatewayError('notFound');
  exchange.routeKey = match.routeKey;
  const now = new Date();
  const { iam, integrationTimeoutMs = MAX_INTEGRATION_TIMEOUT_MS } = api.options;
  const { requestId } = exchange;
  const parts = { request, match, requestId, accountId: accountOf(iam.userArn), now };
  const event = buildEvent({ ...parts, authorizer: await authorize(parts, api) });
  const context = lambdaContext(match.routeKey, iam, integrationTimeoutMs);
  const result = await withTimeout(match.route.handler(event, context), integrationTimeoutMs);
  return api.cors.decorate(readFunctionResult(result), request.headers.origin);
}

async function authorize(
  parts: Omit<EventParts, 'authorizer'>,
  { authorizeJwt, options }: Api,
): Promise<AuthorizerContext | undefined> {
  const { request, match, now } = parts;
  switch (match.route.authorizer) {
    case 'jwt':
      return options.tokenAuthorizer
        ? await authorizeByLambda(options.tokenAuthorizer, parts, options.iam)
        : await authorizeJwt(request, now);
    case 'iam':
      return await authorizeIam(request, options.iam, now);
    case 'none':
      return undefined;
  }
}

/** Stops waiting at the time-out; the function runs on, as on AWS. */
async function withTimeout(invocation: Promise<unknown>, timeoutMs: number): Promise<unknown> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new GatewayError('timedOut')), timeoutMs);
  try {
    return await Promise.race([invocation, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
