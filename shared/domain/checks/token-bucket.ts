import type { UnavailableCause, Verification } from '../credentials/verification.ts';

/**
 * Bounds the calls to each provider over all workers: a token bucket in the table, and a circuit breaker that closes it
 * for a cooldown while the provider itself is in trouble.
 */
export interface TokenBucket {
  readonly tokens: number;
  /** Time of the last refill, in ms since 1970. */
  readonly at: number;
  /** No tokens are granted before, in ms since 1970. */
  readonly cooldownUntil: number;
}

/** Refill rate: calls per second to one provider, well below the lowest limit of any catalog entry. */
const TOKENS_PER_SECOND = 20;
/** Tokens of a full bucket: calls at once after a quiet time. */
const CAPACITY = 100;
/** Tokens that urgent checks may take from an empty bucket. The refill pays them back before others get any. */
const URGENT_BURST = 20;

/** A bucket that was never used. */
export const FULL_BUCKET: TokenBucket = { tokens: CAPACITY, at: 0, cooldownUntil: 0 };

/** A request for the tokens of several checks. */
export interface TokenRequest {
  readonly checks: number;
  /** Calls of one check. A rejection takes as many again to be confirmed; providers' limits leave room for those. */
  readonly tokensPerCheck: number;
  /** True while a flow waits for the checks: they ignore a cooldown and may take the burst. */
  readonly isUrgent: boolean;
}

/** The granted part of a request. */
export interface TokenGrant {
  /** Number of checks that may run now. */
  readonly granted: number;
  /** Seconds until the bucket holds the tokens of the others; 0 when all were granted. */
  readonly retryAfterSeconds: number;
}

/** Shares each provider's bucket between all workers. */
export interface CallBudget {
  takeTokens(providerId: string, request: TokenRequest, now: Date): Promise<TokenGrant>;
  /** Grants nothing, except to urgent requests, until `seconds` from now. */
  startCooldown(providerId: string, seconds: number, now: Date): Promise<void>;
}

/** Takes the tokens of as many checks as the bucket has. */
export function takeTokens(
  bucket: TokenBucket,
  { checks, tokensPerCheck, isUrgent }: TokenRequest,
  now: Date,
): TokenGrant & { readonly bucket: TokenBucket } {
  const at = now.getTime();
  if (bucket.cooldownUntil > at && !isUrgent) {
    return { bucket, granted: 0, retryAfterSeconds: Math.ceil((bucket.cooldownUntil - at) / 1000) };
  }
  const refilled = (Math.max(0, at - bucket.at) / 1000) * TOKENS_PER_SECOND;
  const tokens = Math.min(CAPACITY, bucket.tokens + refilled);
  const affordable = Math.max(0, Math.floor((tokens + (isUrgent ? URGENT_BURST : 0)) / tokensPerCheck));
  const granted = Math.min(checks, affordable);
  const left = tokens - granted * tokensPerCheck;
  const missing = (checks - granted) * tokensPerCheck - left;
  return {
    bucket: { ...bucket, tokens: left, at: Math.max(at, bucket.at) },
    granted,
    retryAfterSeconds: granted < checks ? Math.ceil(missing / TOKENS_PER_SECOND) : 0,
  };
}

/** Cooldown of a provider that gives no response at all. */
const COOLDOWN_SECONDS = 60;
/** Fewer responses than these say nothing about the provider. */
const MIN_RATE_LIMITED = 2;
const MIN_WITHOUT_RESPONSE = 3;

/** Failures of one host, for providers whose customers each have their own. */
const HOST_CAUSES: ReadonlySet<UnavailableCause> = new Set(['host_not_found', 'tls', 'blocked_address']);

/**
 * Returns the cooldown in seconds after several checks of a provider; 0 for none. Most rate limits are per account, so
 * one account over its limit is no reason for a cooldown, and neither is one customer's host without a response.
 */
export function cooldownAfter(verifications: readonly Verification[]): number {
  const waits = verifications.flatMap((one) =>
    one.outcome === 'rate_limited' ? [one.retryAfterSeconds] : [],
  );
  if (waits.length >= MIN_RATE_LIMITED && waits.length * 2 >= verifications.length) return Math.max(...waits);
  const failed = verifications.filter((one) => one.outcome === 'unavailable' && !HOST_CAUSES.has(one.cause));
  const isDown = failed.length >= MIN_WITHOUT_RESPONSE && failed.length === verifications.length;
  return isDown ? COOLDOWN_SECONDS : 0;
}
