import * as z from 'zod/mini';
import type { Action } from '../../domain/access/roles.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { type Capability, callsProviders, type ProviderCall } from '../capabilities.ts';
import { PATH_PARAMETERS } from './schemas/path-parameters.ts';

/**
 * Callers of a route: a user whose role in the project allows the action, a user about their own data, the flow
 * engine about a project, which may be a deleted one for the scope `deleted`, or anybody.
 */
export type Caller =
  | { readonly kind: 'user'; readonly action: Action }
  | { readonly kind: 'user'; readonly scope: 'self' }
  | { readonly kind: 'engine'; readonly scope?: 'deleted' }
  | { readonly kind: 'public' };

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Path = `/v1/${string}`;

/** A schema of path or query parameters. */
export type ParameterSchema = z.ZodMiniType<object, object>;

/** The schema of a route without a body. Anything but an empty body, or an empty object, is refused. */
export const noBody = z.undefined();

/** Defaults of a declaration: a route without query parameters refuses any. */
const DEFAULTS = { query: z.strictObject({}), body: noBody, errors: [] } as const;
type Defaults = typeof DEFAULTS;

/** The schema of a response's body; null for a response without one. */
export type ResponseSchema = z.ZodMiniType | null;

/**
 * One operation of the API. The handler's types and ports, validation, authorization, idempotency, the API Gateway
 * route, the function's role and environment, and the OpenAPI document are derived from this declaration.
 */
export interface Route {
  /** The handler's file under `functions/http/`: `<resource>/<verb>`. */
  readonly entry: `${string}/${string}`;
  /** API Gateway's key of the route: method and path. */
  readonly routeKey: `${Method} ${Path}`;
  readonly method: Method;
  /** The path, with its parameters in braces. */
  readonly path: Path;
  readonly caller: Caller;
  /** One sentence for readers of the API. */
  readonly summary: string;
  readonly capabilities: readonly Capability[];
  readonly params: ParameterSchema;
  readonly query: ParameterSchema;
  readonly body: z.ZodMiniType;
  /** `connection`: the call that authorizes the request also reads the connection of the path, for the handler. */
  readonly loads?: 'connection';
  /**
   * True: the handler starts while the request is being authorized, and its response is given once that is done. For a GET
   * that reads a page at most, since a request that is then refused has read it as well (docs/decisions/0041).
   */
  readonly concurrentAuthorization?: true;
  /** True: the route honors `If-Match`. */
  readonly ifMatch?: true;
  /**
   * Subject of the responses' `ETag`: the connection's version, for `If-Match`; or the content, so that a request whose
   * `If-None-Match` names it gets 304 without a body.
   */
  readonly etag?: 'version' | 'content';
  readonly responses: Readonly<Record<number, ResponseSchema>>;
  /** True: responses hold credentials, so that none is stored for `Idempotency-Key`. */
  readonly secretResponses?: true;
  /** Media type of a response that is not JSON. */
  readonly mediaType?: string;
  /** Error codes beyond those that follow from the rest of the declaration (`problems.ts`). */
  readonly errors: readonly ErrorCode[];
}

/**
 * Declares a route and keeps its literal types; the schemas of its path parameters follow from the path. A path below a
 * project does not compile without an action, nor one of the flow engine for any other caller, so that no route can be
 * left without authorization. A path with an unknown parameter does not compile, nor one without the connection that the
 * route loads, nor a route that writes before it is authorized.
 */
export function route<const E extends Route['entry'], const D extends Declaration>(
  entry: E,
  declaration: D & RequireCaller<D> & RequireParameters<D> & RequireConnection<D> & RequireReads<D>,
): Declared<E, D>;
export function route(entry: string, declaration: Declaration) {
  const [method = '', path = ''] = declaration.routeKey.split(' ');
  return { ...DEFAULTS, ...declaration, entry, method, path, params: paramsOf(path) };
}

/** The argument of `route`: a route without its entry, and without all that follows from the rest. */
type Declaration = Omit<Route, 'entry' | 'method' | 'path' | 'params' | keyof Defaults> &
  Partial<Pick<Route, keyof Defaults>>;
type Declared<E, D extends Declaration> = D &
  Omit<Defaults, keyof D> & {
    readonly entry: E;
    readonly method: D['routeKey'] extends `${infer M extends Method} ${string}` ? M : never;
    readonly path: PathOf<D>;
    readonly params: ParamsOf<PathOf<D>>;
  };

type PathOf<D extends Declaration> = D['routeKey'] extends `${string} ${infer P extends Path}` ? P : never;
/** The names in the braces of a path. */
type ParameterNames<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterNames<Rest>
  : never;
type ParamsOf<P extends string> = z.ZodMiniObject<
  Pick<typeof PATH_PARAMETERS, ParameterNames<P> & keyof typeof PATH_PARAMETERS>,
  z.core.$strict
>;
type RequireParameters<D extends Declaration> =
  ParameterNames<PathOf<D>> extends keyof typeof PATH_PARAMETERS ? unknown : never;

type RequireCaller<D extends Declaration> =
  PathOf<D> extends `/v1/projects/{projectId}${string}`
    ? { readonly caller: { readonly kind: 'user'; readonly action: Action } }
    : PathOf<D> extends `/v1/runtime/${string}`
      ? { readonly caller: { readonly kind: 'engine' } }
      : unknown;

type RequireConnection<D extends Declaration> = D extends { readonly loads: 'connection' }
  ? PathOf<D> extends `${string}/projects/{projectId}/connections/{connectionId}${string}`
    ? unknown
    : never
  : unknown;

type RequireReads<D extends Declaration> = D extends { readonly concurrentAuthorization: true }
  ? {
      readonly routeKey: `GET ${string}`;
      readonly capabilities: readonly ('table:read' | 'catalog:summaries')[];
    }
  : unknown;

function paramsOf(path: string): ParameterSchema {
  const inPath = ([name]: readonly [string, unknown]) => path.includes(`{${name}}`);
  return z.strictObject(Object.fromEntries(Object.entries(PATH_PARAMETERS).filter(inPath)));
}

/** Returns true if a request may leave the body out. */
export function isBodyOptional({ body }: Pick<Route, 'body'>): boolean {
  return z.safeParse(body, undefined).success;
}

/** The part of a declaration that says which guards its route has. */
export type Guarded = Pick<Route, 'caller' | 'method' | 'capabilities' | 'secretResponses'>;

/** Returns true if the route honors `Idempotency-Key`: every POST and PUT that writes, but for secret responses. */
export function isIdempotent({
  method,
  capabilities,
  secretResponses,
}: Pick<Guarded, 'method' | 'capabilities' | 'secretResponses'>): boolean {
  return (
    (method === 'POST' || method === 'PUT') &&
    !secretResponses &&
    capabilities.some((capability) => capability.endsWith(':write'))
  );
}

/** The capabilities of the guards in front of a route: `guardsOf` for the compiler. */
type GuardsOf<R extends Route> =
  | (R['caller'] extends { readonly action: string }
      ? 'roles:read'
      : R['caller'] extends { readonly kind: 'engine' }
        ? R['caller'] extends { readonly scope: string }
          ? never
          : 'roles:read'
        : never)
  | (R extends { readonly secretResponses: true }
      ? never
      : R['method'] extends 'POST' | 'PUT'
        ? Extract<R['capabilities'][number], `${string}:write`> extends never
          ? never
          : 'idempotency:write'
        : never)
  | (R['caller'] extends { readonly action: string }
      ? Extract<R['capabilities'][number], ProviderCall> extends never
        ? never
        : 'requests:count'
      : never);

/** The capabilities that a route declares, and those of its guards. */
export type CapabilitiesOf<R extends Route> = R['capabilities'][number] | GuardsOf<R>;

/** Returns true if the route acts within a project, so that a deleted one is refused. */
export function isInProject(caller: Caller): boolean {
  return 'action' in caller || (caller.kind === 'engine' && caller.scope === undefined);
}

/** Returns true if a project has a limit of such requests: users' requests that call providers. */
export function isLimited(route: Pick<Route, 'caller' | 'capabilities'>): boolean {
  return 'action' in route.caller && callsProviders(route.capabilities);
}

/**
 * Returns the capabilities of the guards in front of a route: reading the caller's role, storing idempotency records,
 * counting a project's requests.
 */
export function guardsOf(route: Guarded): readonly Capability[] {
  const guards: Capability[] = [];
  if (isInProject(route.caller)) guards.push('roles:read');
  if (isIdempotent(route)) guards.push('idempotency:write');
  if (isLimited(route)) guards.push('requests:count');
  return guards;
}

/** Returns every capability of a route's function: those that it declares, and those of its guards. */
export function capabilitiesOf(route: Guarded): readonly Capability[] {
  return [...route.capabilities, ...guardsOf(route)];
}
