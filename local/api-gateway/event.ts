import type {
  APIGatewayEventRequestContextIAMAuthorizer,
  APIGatewayEventRequestContextJWTAuthorizer,
  APIGatewayEventRequestContextLambdaAuthorizer,
  APIGatewayEventRequestContextV2,
  APIGatewayProxyEventV2,
} from 'aws-lambda';
import type { ReceivedRequest } from './request.ts';
import type { RouteMatch } from './router.ts';

export type AuthorizerContext =
  | APIGatewayEventRequestContextJWTAuthorizer
  | APIGatewayEventRequestContextLambdaAuthorizer<unknown>
  | APIGatewayEventRequestContextIAMAuthorizer;

export interface EventParts {
  readonly request: ReceivedRequest;
  readonly match: RouteMatch;
  readonly authorizer: AuthorizerContext | undefined;
  readonly requestId: string;
  readonly accountId: string;
  readonly now: Date;
}

type GatewayEvent = APIGatewayProxyEventV2 & {
  requestContext: APIGatewayEventRequestContextV2 & { authorizer?: AuthorizerContext };
};

/** Hop-by-hop headers stay at the gateway (RFC 9110, section 7.6.1). */
const HOP_BY_HOP =
  /^(connection|expect|keep-alive|proxy-authenticate|proxy-authorization|te|trailer|transfer-encoding|upgrade)$/;

/**
 * A body of these types reaches a function as text, any other body, a form or one without a type included, in base64.
 * AWS documents that there is such a split, not where: this one was observed on real HTTP APIs.
 */
const TEXT_CONTENT = /^(text\/[^;\s]+|application\/(json|xml|javascript))\s*(;|$)/i;

/**
 * Builds the event of payload format 2.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function buildEvent(parts: EventParts): GatewayEvent {
  const { request, match } = parts;
  const query = queryStringParameters(request.rawQueryString);
  const isBase64Encoded =
    request.body.byteLength > 0 && !TEXT_CONTENT.test(request.headers['content-type'] ?? '');
  return {
    version: '2.0',
    routeKey: match.routeKey,
    rawPath: decodeURIComponent(request.encodedPath),
    rawQueryString: request.rawQueryString,
    ...(request.cookies.length > 0 && { cookies: [...request.cookies] }),
    headers: forwardedHeaders(request),
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    requestContext: requestContext(parts),
    ...(request.body.byteLength > 0 && { body: request.body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    ...(Object.keys(match.pathParameters).length > 0 && { pathParameters: { ...match.pathParameters } }),
    isBase64Encoded,
  };
}

function queryStringParameters(rawQueryString: string): Record<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const earlier = values.get(name);
    values.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return Object.fromEntries(values);
}

function forwardedHeaders(request: ReceivedRequest): Record<string, string> {
  const kept = Object.entries(request.headers).filter(([name]) => !HOP_BY_HOP.test(name));
  const forwardedFor = [request.headers['x-forwarded-for'], request.sourceIp].filter(Boolean).join(', ');
  return {
    ...Object.fromEntries(kept),
    'x-forwarded-for': forwardedFor,
    'x-forwarded-port': String(request.serverPort),
    'x-forwarded-proto': 'http',
  };
}

function requestContext(parts: EventParts): GatewayEvent['requestContext'] {
  const { request, match, now } = parts;
  const domainName = (request.headers.host ?? '').replace(/:\d+$/, '');
  return {
    accountId: parts.accountId,
    apiId: 'local',
    ...(parts.authorizer && { authorizer: parts.authorizer }),
    domainName,
    domainPrefix: domainName.split('.')[0] ?? '',
    http: {
      method: request.method,
      path: decodeURIComponent(request.encodedPath),
      protocol: 'HTTP/1.1',
      sourceIp: request.sourceIp,
      userAgent: request.headers['user-agent'] ?? '',
    },
    requestId: parts.requestId,
    routeKey: match.routeKey,
    stage: '$default',
    time: commonLogTime(now),
    timeEpoch: now.getTime(),
  };
}

/** Formats a time as in `12/Mar/2020:19:03:58 +0000`. */
function commonLogTime(at: Date): string {
  // Thu, 12 Mar 2020 19:03:58 GMT: the format of ECMA-262, without the locale data that takes most of an event's time.
  const [, day, month, year, time] = at.toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
