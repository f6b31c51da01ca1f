/** A bucket of calls: how many were in it at a time, in ms since 1970, and until when it is closed. */
export interface Bucket {
  readonly calls: number;
  readonly at: number;
  readonly pausedUntil: number;
}

/** Calls a second to one provider, over all workers; well below the least that any entry of the catalogue allows. */
const CALLS_A_SECOND = 20;
/** The most calls at once after a quiet time. */
const CAPACITY = 100;
/** By how many calls what is urgent may overdraw it: so many may be urgent at once, and the rest fills up first. */
const OVERDRAFT = 20;

/** A bucket that nobody has taken from. */
export const FULL_BUCKET: Bucket = { calls: CAPACITY, at: 0, pausedUntil: 0 };

/** The calls that are asked for. */
export interface Wanted {
  readonly checks: number;
  /**
   * How many each check takes. A refusal takes as many again, to be confirmed; refusals are rare, and what a
   * provider allows has room for them.
   */
  readonly callsEach: number;
  /** Whether a flow waits for it: then it goes past a pause, and overdraws the bucket a little. */
  readonly isUrgent: boolean;
}

/** Takes the calls of as many checks as there are calls for; where not of all, how many seconds until there are. */
export function taken(
  bucket: Bucket,
  { checks, callsEach, isUrgent }: Wanted,
  now: Date,
): { readonly bucket: Bucket; readonly granted: number; readonly retryAfterSeconds: number } {
  const at = now.getTime();
  if (bucket.pausedUntil > at && !isUrgent) {
    return { bucket, granted: 0, retryAfterSeconds: Math.ceil((bucket.pausedUntil - at) / 1000) };
  }
  const refilled = (Math.max(0, at - bucket.at) / 1000) * CALLS_A_SECOND;
  const calls = Math.min(CAPACITY, bucket.calls + refilled);
  const most = Math.max(0, Math.floor((calls + (isUrgent ? OVERDRAFT : 0)) / callsEach));
  const granted = Math.min(checks, most);
  const left = calls - granted * callsEach;
  const missing = (checks - granted) * callsEach - left;
  return {
    bucket: { ...bucket, calls: left, at: Math.max(at, bucket.at) },
    granted,
    retryAfterSeconds: granted < checks ? Math.ceil(missing / CALLS_A_SECOND) : 0,
  };
}
