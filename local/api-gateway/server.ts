import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Answer, sendAnswer } from './answer.ts';
import { configureCors } from './cors.ts';
import type { IamSettings } from './iam-authorizer.ts';
import { type Api, answerRequest, type Exchange } from './integration.ts';
import { type JwtSettings, jwtAuthorizer } from './jwt-authorizer.ts';
import { Refused, refusalAnswer } from './refusal.ts';
import { compileRoutes, type MountedRoute } from './router.ts';
import { refuseUnreadable } from './unreadable-request.ts';

export type { Authorizer, MountedRoute } from './router.ts';

/** One line of the access log. Holds neither query nor path values. */
export interface AccessLine {
  readonly requestId: string;
  readonly method: string;
  /** The route's path as declared, `-` where no route matched. */
  readonly path: string;
  readonly routeKey: string;
  readonly status: number;
  readonly durationMs: number;
}

export interface ApiGatewayOptions {
  readonly routes: readonly MountedRoute[];
  /** Left out or 0: a free port. */
  readonly port?: number;
  readonly allowedOrigins: readonly string[];
  readonly jwt: JwtSettings;
  readonly iam: IamSettings;
  /** Sees each request first; true when it has answered. */
  readonly localRoutes?: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
  readonly onAccess?: (line: AccessLine) => void;
  /** Told why the gateway answered 5xx: what a function threw, or what was wrong with its result. */
  readonly onFailure?: (failure: { requestId: string; routeKey: string; error: unknown }) => void;
  /** 30,000 unless said otherwise, as much as API Gateway allows. */
  readonly integrationTimeoutMs?: number;
}

export interface ApiGateway {
  readonly url: string;
  /** Stops accepting, waits for the requests under way, then ends every connection. */
  close(): Promise<void>;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MAX_INTEGRATION_TIMEOUT_MS = 30_000;
/** Well over the 10,240 that API Gateway takes, so that it is the gateway that counts and refuses. */
const PARSER_HEADER_LIMIT = 64 * 1024;

/**
 * Serves Lambda handlers on 127.0.0.1 as an API Gateway HTTP API would.
 *
 * @throws Error when the port is taken or two routes have the same key.
 */
export async function startApiGateway(options: ApiGatewayOptions): Promise<ApiGateway> {
  const methods = [...new Set(options.routes.map((route) => route.method))];
  const api: Api = {
    findRoute: compileRoutes(options.routes),
    cors: configureCors(options.allowedOrigins, methods.includes('ANY') ? ['*'] : methods),
    authorizeJwt: jwtAuthorizer(options.jwt),
    iam: options.iam,
    integrationTimeoutMs: options.integrationTimeoutMs ?? MAX_INTEGRATION_TIMEOUT_MS,
  };
  const underWay = new Set<Promise<void>>();
  const server = createServer({ maxHeaderSize: PARSER_HEADER_LIMIT }, (message, response) => {
    const exchange = serve(message, response, api, options).finally(() => underWay.delete(exchange));
    underWay.add(exchange);
  });
  server.on('clientError', refuseUnreadable);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    async close() {
      server.close();
      await Promise.all(underWay);
      server.closeAllConnections();
    },
  };
}

async function serve(
  message: IncomingMessage,
  response: ServerResponse,
  api: Api,
  options: ApiGatewayOptions,
): Promise<void> {
  const exchange: Exchange = { requestId: randomUUID() };
  const startedAt = performance.now();
  const answer = await answerOrRefuse(message, response, exchange, api, options);
  if (!answer) return;
  sendAnswer(response, { ...answer, headers: [...answer.headers, ['apigw-requestid', exchange.requestId]] });
  options.onAccess?.({
    requestId: exchange.requestId,
    method: message.method ?? '',
    path: exchange.match?.route.path ?? '-',
    routeKey: exchange.match?.routeKey ?? '-',
    status: answer.status,
    durationMs: performance.now() - startedAt,
  });
}

/** `undefined` where a local route has answered. */
async function answerOrRefuse(
  message: IncomingMessage,
  response: ServerResponse,
  exchange: Exchange,
  api: Api,
  options: ApiGatewayOptions,
): Promise<Answer | undefined> {
  const { requestId } = exchange;
  try {
    if (await options.localRoutes?.(message, response)) return undefined;
    return await answerRequest(message, exchange, api);
  } catch (error) {
    const refused = error instanceof Refused ? error : new Refused('internalError', {}, { cause: error });
    const answer = refusalAnswer(refused, requestId);
    if (answer.status >= 500) {
      const routeKey = exchange.match?.routeKey ?? '-';
      options.onFailure?.({ requestId, routeKey, error: refused.cause ?? refused });
    }
    return api.cors.decorate(answer, message.headers.origin);
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The gateway listens on no port');
  return address.port;
}
