import type * as z from 'zod/mini';
import type { PortsFor } from '../../contract/capabilities.ts';
import type { ResponseSchema, Route } from '../../contract/http/route.ts';
import type { ViewContext } from '../../contract/http/views.ts';
import type { Actor } from '../../domain/access/actor.ts';
import type { ExpectedVersions } from '../../domain/connections/load.ts';
import type { OperationContext } from '../../domain/operation-context.ts';

/** Who called, by the kind of caller that a route is for. */
export interface Callers {
  readonly user: Extract<Actor, { type: 'user' }>;
  readonly engine: null;
  readonly public: null;
}

/** The parsed request of a route. */
export interface Input<R extends Route> {
  readonly params: z.output<R['params']>;
  readonly query: z.output<R['query']>;
  readonly body: z.output<R['body']>;
  readonly caller: Callers[R['caller']['kind']];
  /** The versions of `If-Match`; null where it was not given. */
  readonly expected: ExpectedVersions;
  /** What the answer's views are made with. */
  readonly view: ViewContext;
}

type Body<S extends ResponseSchema> = S extends z.ZodMiniType ? z.input<S> : null;

/** One of the answers that a route declares. */
export type ResponseOf<R extends Route> = {
  [S in keyof R['responses'] & number]: {
    readonly status: S;
    readonly body: Body<R['responses'][S]>;
    readonly headers?: Readonly<Record<string, string>>;
  };
}[keyof R['responses'] & number];

/** What a handler may use: what everything may, and what its route asks for. */
export type PortsOfRoute<R extends Route> = OperationContext & PortsFor<R['capabilities'][number]>;

/** A route with the decision that answers it. */
export interface Endpoint<R extends Route> {
  readonly route: R;
  readonly decide: (input: Input<R>, ports: PortsOfRoute<R>) => Promise<ResponseOf<R>>;
}

/** Binds a decision to its route: parsed input in, declared answer out. */
export function endpoint<R extends Route>(route: R, decide: Endpoint<R>['decide']): Endpoint<R> {
  return { route, decide };
}

/** The answer 200 with this body. */
export function ok<B>(body: B): { readonly status: 200; readonly body: B } {
  return { status: 200, body };
}

/** The answer 201 with this body. */
export function created<B>(body: B): { readonly status: 201; readonly body: B } {
  return { status: 201, body };
}

/** The answer 204. */
export function noContent(): { readonly status: 204; readonly body: null } {
  return { status: 204, body: null };
}

/** The answer 202. */
export function accepted(): { readonly status: 202; readonly body: null } {
  return { status: 202, body: null };
}
