import type * as z from 'zod/mini';
import { parseRequest } from './requests.ts';
import type { Storage } from './storage.ts';

/** What an operation works with; `now` is milliseconds since 1970, `region` the one the request is signed for. */
export interface Call {
  readonly storage: Storage;
  readonly now: number;
  readonly region: string;
}

export type Operation = (body: string, call: Call) => object;

/** An operation: the shape of its request, and what it does, inside one transaction. */
export function operation<T extends z.ZodMiniType>(
  request: T,
  run: (input: z.output<T>, call: Call) => object,
): Operation {
  return (body, call) => {
    const input = parseRequest(request, body);
    return call.storage.atomically(() => {
      call.storage.secrets.removeDue(call.now);
      return run(input, call);
    });
  };
}

/** A time as AWS JSON 1.1 writes it: seconds since 1970, with a fraction; absent stays absent. */
export function epochSeconds(milliseconds: number | null): number | undefined {
  return milliseconds === null ? undefined : milliseconds / 1000;
}

/** Midnight UTC of a time's day: last-accessed dates carry no time of day. */
export function dayOf(milliseconds: number): number {
  return new Date(milliseconds).setUTCHours(0, 0, 0, 0);
}
