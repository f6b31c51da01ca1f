import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { v7 } from 'uuid';
import type { Backoff, Clock, Ids, OperationContext } from '../domain/operation-context.ts';

const FIRST_BOUND_MS = 20;
const MAX_BOUND_MS = 1_000;

/** The machine's clock. */
export const systemClock: Clock = { now: () => new Date() };

/** The part of an operation's context that is the same for all operations of a process. */
export type BaseContext = Omit<OperationContext, 'correlationId'>;

/** Creates the context of a process. `clock` defaults to the machine's clock. */
export function createBaseContext(clock: Clock = systemClock): BaseContext {
  return { clock, ids: createIds(clock), backoff };
}

/** Creates UUIDv7s (RFC 9562, section 6.2, method 1): a counter orders the ids of one millisecond. */
function createIds(clock: Clock): Ids {
  let last = 0;
  let seq = 0;
  return {
    next() {
      const now = clock.now().getTime();
      if (now > last) {
        last = now;
        seq = randomBytes(4).readUInt32BE() >>> 1;
      } else {
        seq += 1;
      }
      return v7({ msecs: last, seq });
    },
  };
}

/** Ids by the machine's clock. */
export const systemIds = createIds(systemClock);

/** Waits with full jitter: a random time up to a bound that doubles with each attempt, to 1 s at most. */
export const backoff: Backoff = async (attempt) => {
  const bound = Math.min(MAX_BOUND_MS, FIRST_BOUND_MS * 2 ** attempt);
  await setTimeout(Math.random() * bound);
};
