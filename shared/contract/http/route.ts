import * as z from 'zod/mini';
import type { Action } from '../../domain/access/roles.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { Capability } from '../capabilities.ts';

/**
 * Who may call: a person, in a project where the stored role allows the action, or anywhere about themselves;
 * the flow engine; or anybody.
 */
export type Caller =
  | { readonly kind: 'user'; readonly action: Action }
  | { readonly kind: 'user'; readonly scope: 'self' }
  | { readonly kind: 'engine' }
  | { readonly kind: 'public' };

/** A schema of parameters: named strings in, whatever the schema makes of them out. */
export type ParameterSchema = z.ZodMiniType<object, object>;

/** Stands where a route takes no parameters of a kind: any that is given is refused. */
export const none = z.strictObject({});

/** Stands where a route takes no body. What is sent all the same is not looked at. */
export const noBody = z.undefined();

/** The body of one answer; null where the answer has none. */
export type ResponseSchema = z.ZodMiniType | null;

/** One operation of the API. Everything about it that is not its decision derives from this declaration. */
export interface Route {
  /** The file under `functions/http/` that answers it: `<resource>/<verb>`. */
  readonly entry: `${string}/${string}`;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: `/v1/${string}`;
  readonly caller: Caller;
  /** One sentence for the API's reader. */
  readonly summary: string;
  readonly capabilities: readonly Capability[];
  readonly params: ParameterSchema;
  readonly query: ParameterSchema;
  readonly body: z.ZodMiniType;
  /** Whether `If-Match` is heeded. */
  readonly ifMatch?: true;
  /** Whether answers carry the connection's version as their ETag. */
  readonly etag?: true;
  readonly responses: Readonly<Record<number, ResponseSchema>>;
  /** The media type of an answer that is not JSON. */
  readonly mediaType?: string;
  /** The codes beyond those that follow from caller, input and conditions (`problems.ts`). */
  readonly errors: readonly ErrorCode[];
}

/**
 * Declares a route, keeping its literal types.
 *
 * A path below a project does not compile without an action: nobody can forget who may call it.
 */
export function route<const R extends Route>(declaration: R & Guarded<R>): R {
  return declaration;
}

type Guarded<R extends Route> = R['path'] extends `/v1/projects/{projectId}${string}`
  ? { readonly caller: { readonly kind: 'user'; readonly action: Action } }
  : unknown;

/** Whether an `Idempotency-Key` is heeded: on every POST and PUT that changes something. */
export function isIdempotent({ method, capabilities }: Pick<Route, 'method' | 'capabilities'>): boolean {
  return (method === 'POST' || method === 'PUT') && capabilities.some((need) => need.endsWith(':write'));
}
