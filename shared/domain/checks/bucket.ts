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

/** A bucket that nobody has taken from. */
export const FULL_BUCKET: Bucket = { calls: CAPACITY, at: 0, pausedUntil: 0 };

/** Takes up to `wanted` calls; where there are fewer, how many seconds until the next. */
export function taken(
  bucket: Bucket,
  wanted: number,
  now: Date,
): { readonly bucket: Bucket; readonly granted: number; readonly retryAfterSeconds: number } {
  const at = now.getTime();
  if (bucket.pausedUntil > at) {
    return { bucket, granted: 0, retryAfterSeconds: Math.ceil((bucket.pausedUntil - at) / 1000) };
  }
  const refilled = (Math.max(0, at - bucket.at) / 1000) * CALLS_A_SECOND;
  const calls = Math.min(CAPACITY, bucket.calls + refilled);
  const granted = Math.min(wanted, Math.floor(calls));
  const missing = wanted - granted;
  return {
    bucket: { ...bucket, calls: calls - granted, at: Math.max(at, bucket.at) },
    granted,
    retryAfterSeconds: missing > 0 ? Math.ceil(missing / CALLS_A_SECOND) : 0,
  };
}
