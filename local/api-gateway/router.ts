import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';

/** The authorizer of a route: a user's JWT, the flow engine's signature, or none. */
export type Authorizer = 'jwt' | 'iam' | 'none';

/** One route of the HTTP API and the Lambda handler behind it. */
export interface ApiRoute {
  /** An HTTP method in upper case. */
  readonly method: string;
  /** A path with variables as `{name}`. */
  readonly path: string;
  readonly authorizer: Authorizer;
  readonly handler: (event: APIGatewayProxyEventV2, context: Context) => Promise<unknown>;
}

export interface RouteMatch {
  readonly route: ApiRoute;
  readonly routeKey: string;
  /** Decoded values of the path's variables. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

export type FindRoute = (method: string, rawPath: string) => RouteMatch | undefined;

/**
 * Makes the function that finds the route of a request, the most specific one: a literal segment wins over a variable.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function compileRoutes(routes: readonly ApiRoute[]): FindRoute {
  const compiled = routes
    .map((route) => ({ route, segments: route.path.split('/') }))
    .sort((a, b) => (specificityKey(a.segments) < specificityKey(b.segments) ? -1 : 1));
  return (method, rawPath) => {
    const parts = rawPath.split('/');
    for (const { route, segments } of compiled) {
      if (route.method !== method) continue;
      const pathParameters = matchSegments(segments, parts);
      if (pathParameters) return { route, routeKey: `${method} ${route.path}`, pathParameters };
    }
    return undefined;
  };
}

function variableIn(segment: string): string | undefined {
  return /^\{([^{}]+)\}$/.exec(segment)?.[1];
}

/** Makes a key that sorts a literal segment before a variable. */
function specificityKey(segments: readonly string[]): string {
  return segments.map((segment) => (variableIn(segment) === undefined ? 0 : 1)).join('');
}

function matchSegments(
  segments: readonly string[],
  parts: readonly string[],
): Record<string, string> | undefined {
  if (parts.length !== segments.length) return undefined;
  const values: [string, string][] = [];
  for (const [index, segment] of segments.entries()) {
    const part = decodeURIComponent(parts[index] ?? '');
    const name = variableIn(segment);
    if (name === undefined ? segment !== part : part === '') return undefined;
    if (name !== undefined) values.push([name, part]);
  }
  return Object.fromEntries(values);
}
