import { busy } from './errors.ts';
import type { OperationContext } from './operation-context.ts';

/** What an attempt answers when somebody else's commit came first. */
export const STALE = Symbol('stale');

/** With the waits between them less than 4 s as a rule, 8 s at most. */
const MAX_ATTEMPTS = 12;

/**
 * Reads, decides and commits, again from the start while others commit in between.
 *
 * @throws DomainError `busy` after 12 attempts.
 */
export async function untilCommitted<T>(
  attempt: () => Promise<T | typeof STALE>,
  { backoff }: Pick<OperationContext, 'backoff'>,
): Promise<T> {
  for (let attempts = 1; attempts <= MAX_ATTEMPTS; attempts += 1) {
    const result = await attempt();
    if (result !== STALE) return result;
    if (attempts < MAX_ATTEMPTS) await backoff(attempts);
  }
  throw busy();
}
