import { busy } from './errors.ts';
import type { OperationContext } from './operation-context.ts';

/** Result of an attempt whose condition failed because another commit came first. */
export const STALE = Symbol('stale');

/** With the backoff between them usually under 4 s, 8 s at most. */
const MAX_ATTEMPTS = 12;

/**
 * Runs read, decide and commit as one attempt, and repeats it from the read while other commits come first.
 *
 * @param maxAttempts 12 by default.
 * @throws DomainError `busy` after the last attempt.
 */
export async function untilCommitted<T>(
  attempt: () => Promise<T | typeof STALE>,
  { backoff }: Pick<OperationContext, 'backoff'>,
  maxAttempts = MAX_ATTEMPTS,
): Promise<T> {
  for (let attempts = 1; attempts <= maxAttempts; attempts += 1) {
    const result = await attempt();
    if (result !== STALE) return result;
    if (attempts < maxAttempts) await backoff(attempts);
  }
  throw busy();
}
