import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';

/** Who may call a route: a person's JWT, the flow engine's signature, or anybody. */
export type Authorizer = 'jwt' | 'iam' | 'none';

/** One route of the HTTP API and the Lambda handler behind it. */
export interface MountedRoute {
  /** An HTTP method in upper case, or `ANY`. */
  readonly method: string;
  /** A path with `{name}` and, as the last segment only, `{name+}`. */
  readonly path: string;
  readonly authorizer: Authorizer;
  readonly handler: (event: APIGatewayProxyEventV2, context: Context) => Promise<unknown>;
}

export interface RouteMatch {
  readonly route: MountedRoute;
  readonly routeKey: string;
  /** Decoded values of the path's variables. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

export type FindRoute = (method: string, rawPath: string) => RouteMatch | undefined;

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable' | 'greedy'; readonly name: string };

interface CompiledRoute {
  readonly route: MountedRoute;
  readonly routeKey: string;
  readonly segments: readonly Segment[];
}

const SPECIFICITY = { literal: 0, variable: 1, greedy: 2 };

/**
 * Makes the route table, most specific route first: a literal before a variable before a greedy variable, a
 * named method before `ANY`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 *
 * @throws Error when two routes have the same key.
 */
export function compileRoutes(routes: readonly MountedRoute[]): FindRoute {
  const compiled = routes.map(compile).sort(bySpecificity);
  const keys = new Set<string>();
  for (const { routeKey } of compiled) {
    if (keys.has(routeKey)) throw new Error(`Two routes have the key ${routeKey}`);
    keys.add(routeKey);
  }
  return (method, rawPath) => {
    const parts = rawPath.split('/').slice(1);
    for (const candidate of compiled) {
      if (candidate.route.method !== method && candidate.route.method !== 'ANY') continue;
      const pathParameters = matchSegments(candidate.segments, parts);
      if (pathParameters) return { route: candidate.route, routeKey: candidate.routeKey, pathParameters };
    }
    return undefined;
  };
}

function compile(route: MountedRoute): CompiledRoute {
  const segments = route.path.split('/').slice(1).map(parseSegment);
  return { route, routeKey: `${route.method} ${route.path}`, segments };
}

function parseSegment(text: string): Segment {
  const name = /^\{([^{}]+)\}$/.exec(text)?.[1];
  if (name === undefined) return { kind: 'literal', text };
  return name.endsWith('+') ? { kind: 'greedy', name: name.slice(0, -1) } : { kind: 'variable', name };
}

function bySpecificity(a: CompiledRoute, b: CompiledRoute): number {
  for (const [index, segment] of a.segments.entries()) {
    const other = b.segments[index];
    if (!other) break;
    const difference = SPECIFICITY[segment.kind] - SPECIFICITY[other.kind];
    if (difference !== 0) return difference;
  }
  return Number(a.route.method === 'ANY') - Number(b.route.method === 'ANY');
}

function matchSegments(
  segments: readonly Segment[],
  parts: readonly string[],
): Record<string, string> | undefined {
  const found: [string, string][] = [];
  for (const [index, segment] of segments.entries()) {
    const part = parts[index];
    if (part === undefined) return undefined;
    if (segment.kind === 'literal') {
      if (segment.text !== decodeURIComponent(part)) return undefined;
      continue;
    }
    if (part === '') return undefined;
    if (segment.kind === 'greedy') {
      found.push([segment.name, decodeURIComponent(parts.slice(index).join('/'))]);
      return Object.fromEntries(found);
    }
    found.push([segment.name, decodeURIComponent(part)]);
  }
  return parts.length === segments.length ? Object.fromEntries(found) : undefined;
}
