import { busy } from './errors.ts';
import type { OperationContext } from './operation-context.ts';

/** Result of an attempt whose condition failed because another commit came first. */
export const STALE = Symbol('stale');

/** With the backoff between them usually under 4 s, 8 s at most. */
const MAX_ATTEMPTS = 12;

/**
 * Runs read, decide and commit as one attempt, and repeats it from the read while other commits come first.
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
