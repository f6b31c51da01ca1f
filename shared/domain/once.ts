import { DomainError } from './errors.ts';
import type { OperationContext } from './operation-context.ts';
import { after, DAY_SECONDS } from './time.ts';

/** Somebody's claim to do what is done once. */
export interface Claim {
  /** What is to be done, and for whom it is not to be done again. */
  readonly deed: string;
  /** Tells one claim of the deed from another. */
  readonly id: string;
}

/** Keeps who does what is done once, and that it was done. */
export interface OnceLog {
  /**
   * Claims the deed until a time: `claimed`, `held` by another whose claim has not run out, or `done`.
   */
  claimOnce(claim: Claim, times: { readonly now: Date; readonly until: Date }): Promise<Claimed>;
  /** Writes that it was done, to be known until a time. */
  settleOnce(claim: Claim, until: Date): Promise<void>;
  /** Gives the claim back: it was not done. */
  releaseOnce(claim: Claim): Promise<void>;
}

export type Claimed = 'claimed' | 'held' | 'done';

/** Longer than any function that does such work lives, so that a claim that ran out has nobody behind it. */
const CLAIM_SECONDS = 60;
/** Longer than the archive of events reaches back, so that a replay does nothing twice. */
const KEPT_SECONDS = 45 * DAY_SECONDS;

/**
 * Does something once, however often it is asked for. After a crash in the middle it is done again, since it
 * may not have been done: at most that one time more.
 *
 * @returns whether it was done now; false where it was done before.
 * @throws DomainError `busy` while another does it; and whatever `act` throws, with the claim given back.
 */
export async function once(
  deed: string,
  act: () => Promise<void>,
  ports: OnceLog & Pick<OperationContext, 'clock' | 'ids'>,
): Promise<boolean> {
  const claim = { deed, id: ports.ids.next() };
  const now = ports.clock.now();
  const claimed = await ports.claimOnce(claim, { now, until: after(now, CLAIM_SECONDS) });
  if (claimed === 'done') return false;
  if (claimed === 'held') {
    throw new DomainError({ code: 'busy', retryAfterSeconds: CLAIM_SECONDS }, 'Another is at it.');
  }
  try {
    await act();
  } catch (error) {
    // Should this fail as well, the claim runs out.
    await Promise.allSettled([ports.releaseOnce(claim)]);
    throw error;
  }
  // It is done. To fail now would have it done again; unwritten, only a delivery that comes twice does that.
  await Promise.allSettled([ports.settleOnce(claim, after(now, KEPT_SECONDS))]);
  return true;
}
