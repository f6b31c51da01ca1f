import type * as z from 'zod/mini';
import type { PortsFor } from '../../contract/capabilities.ts';
import type { ResponseSchema, Route } from '../../contract/http/route.ts';
import type { ViewContext } from '../../contract/http/views.ts';
import type { ExpectedVersions } from '../../domain/model/connection.ts';
import type { Actor } from '../../domain/model/history.ts';
import type { OperationContext } from '../../domain/operation-context.ts';
import type { AccessOf } from './authorize.ts';

/** The authenticated caller, by the kind that the route declares. */
export interface Callers {
  readonly user: Extract<Actor, { type: 'user' }>;
  readonly engine: null;
  readonly public: null;
}

/** The parsed request of a route. */
interface Input<R extends Route> {
  readonly params: z.output<R['params']>;
  readonly query: z.output<R['query']>;
  readonly body: z.output<R['body']>;
  readonly caller: Callers[R['caller']['kind']];
  /** Pending while a request of a route with `concurrentAuthorization` is being authorized; rejects if it is refused. */
  readonly access: Promise<AccessOf<R>>;
  /** The versions that `If-Match` allows; null when the header was not sent. */
  readonly expected: ExpectedVersions;
  /** The header `If-None-Match`, for `unlessKnown`. */
  readonly ifNoneMatch: string | undefined;
  /** Context of the response's views. */
  readonly view: ViewContext;
}

type Body<S extends ResponseSchema> = S extends z.ZodMiniType ? z.input<S> : null;

/** One of the responses that a route declares. */
type ResponseOf<R extends Route> = {
  [S in keyof R['responses'] & number]: {
    readonly status: S;
    readonly body: Body<R['responses'][S]>;
    readonly headers?: Readonly<Record<string, string>>;
  };
}[keyof R['responses'] & number];

/** A handler's ports: the operation's context, and the ports of the capabilities that its route declares. */
export type HandlerPorts<R extends Route> = OperationContext & PortsFor<R['capabilities'][number]>;

/** A route with its handler. */
export interface Endpoint<R extends Route> {
  readonly route: R;
  readonly handle: (input: Input<R>, ports: HandlerPorts<R>) => Promise<ResponseOf<R>>;
}

/** Binds a handler to its route: parsed input in, declared response out. */
export function endpoint<R extends Route>(route: R, handle: Endpoint<R>['handle']): Endpoint<R> {
  return { route, handle };
}

/** Returns the response 200 with a body. */
export function ok<B>(body: B): { readonly status: 200; readonly body: B } {
  return { status: 200, body };
}

/** Returns the response 201 with a body. */
export function created<B>(body: B): { readonly status: 201; readonly body: B } {
  return { status: 201, body };
}

/** Returns the response 202 without a body. */
export function accepted(): { readonly status: 202; readonly body: null } {
  return { status: 202, body: null };
}

/** Returns the response 202 with a body. */
export function acceptedWith<B>(body: B): { readonly status: 202; readonly body: B } {
  return { status: 202, body };
}

/** Returns the response 204. */
export function noContent(): { readonly status: 204; readonly body: null } {
  return { status: 204, body: null };
}
