import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { v7 } from 'uuid';
import type { Catalog } from '../catalog/schema.ts';
import type { OperationContext } from '../domain/operation-context.ts';
import type { Backoff, Clock, Ids } from '../domain/time.ts';

const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 1_000;

/** The present by this machine's clock. */
const systemClock: Clock = { now: () => new Date() };

/** What every operation may use, whatever set it off. */
export type BaseContext = Omit<OperationContext, 'correlationId'>;

/** Makes them, with the time by `clock`. */
export function createBaseContext(catalog: Catalog, clock: Clock = systemClock): BaseContext {
  return { catalog, clock, ids: ids(clock), backoff };
}

/** UUIDv7s (RFC 9562, section 6.2, method 1): those of one millisecond ascend by a counter. */
function ids(clock: Clock): Ids {
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

/** Full jitter: anywhere between nothing and a bound that doubles up to a second. */
export const backoff: Backoff = async (attempt) => {
  const bound = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
  await setTimeout(Math.random() * bound);
};
