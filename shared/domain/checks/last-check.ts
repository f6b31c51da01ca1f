import { after, timestamp } from '../time.ts';
import { type CheckResult, isConclusive } from './examine.ts';
import type { LastCheck } from './ports.ts';

/**
 * What is to be remembered of a check. A provider that said to wait has not been asked: the turn stays open, and
 * the check is still to be made.
 */
export function lastCheckAfter(
  scheduledFor: string,
  { verification, at }: Pick<CheckResult, 'verification' | 'at'>,
): LastCheck {
  const { outcome } = verification;
  if (outcome === 'rate_limited') {
    return { at, outcome, retryAt: timestamp(after(new Date(at), verification.retryAfterSeconds)) };
  }
  return { scheduledFor, at, outcome, ...(isConclusive(verification) && { answeredAt: at }) };
}

/** Whether a turn, or a later one, is done with; if not, in how many seconds the provider may be asked. */
export function checkProgress(
  last: LastCheck | undefined,
  scheduledFor: string,
  now: Date,
): { readonly isDone: boolean; readonly waitSeconds: number } {
  const { scheduledFor: done = '', retryAt } = last ?? {};
  const waitMs = retryAt === undefined ? 0 : new Date(retryAt).getTime() - now.getTime();
  return { isDone: done >= scheduledFor, waitSeconds: Math.max(0, Math.ceil(waitMs / 1000)) };
}
