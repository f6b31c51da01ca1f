/** A bucket of calls: how many were in it at a time, in ms since 1970, and until when it is closed. */
export interface TokenBucket {
  readonly tokens: number;
  readonly at: number;
  readonly cooldownUntil: number;
}

/** Calls a second to one provider, over all workers; well below the least that any entry of the catalogue allows. */
const TOKENS_PER_SECOND = 20;
/** The most calls at once after a quiet time. */
const CAPACITY = 100;
/** By how many calls what is urgent may overdraw it: so many may be urgent at once, and the rest fills up first. */
const URGENT_BURST = 20;

/** A bucket that nobody has taken from. */
export const FULL_BUCKET: TokenBucket = { tokens: CAPACITY, at: 0, cooldownUntil: 0 };

/** The calls that are asked for. */
export interface TokenRequest {
  readonly checks: number;
  /**
   * How many each check takes. A refusal takes as many again, to be confirmed; refusals are rare, and what a
   * provider allows has room for them.
   */
  readonly tokensPerCheck: number;
  /** Whether a flow waits for it: then it goes past a pause, and overdraws the bucket a little. */
  readonly isUrgent: boolean;
}

/** Takes the calls of as many checks as there are calls for; where not of all, how many seconds until there are. */
export function takeTokens(
  bucket: TokenBucket,
  { checks, tokensPerCheck, isUrgent }: TokenRequest,
  now: Date,
): { readonly bucket: TokenBucket; readonly granted: number; readonly retryAfterSeconds: number } {
  const at = now.getTime();
  if (bucket.cooldownUntil > at && !isUrgent) {
    return { bucket, granted: 0, retryAfterSeconds: Math.ceil((bucket.cooldownUntil - at) / 1000) };
  }
  const refilled = (Math.max(0, at - bucket.at) / 1000) * TOKENS_PER_SECOND;
  const tokens = Math.min(CAPACITY, bucket.tokens + refilled);
  const most = Math.max(0, Math.floor((tokens + (isUrgent ? URGENT_BURST : 0)) / tokensPerCheck));
  const granted = Math.min(checks, most);
  const left = tokens - granted * tokensPerCheck;
  const missing = (checks - granted) * tokensPerCheck - left;
  return {
    bucket: { ...bucket, tokens: left, at: Math.max(at, bucket.at) },
    granted,
    retryAfterSeconds: granted < checks ? Math.ceil(missing / TOKENS_PER_SECOND) : 0,
  };
}
