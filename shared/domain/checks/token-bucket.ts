import type { Provider } from '../../catalog/schema.ts';
import type { CallLimits, UnavailableCause, Verification } from '../credentials/verification.ts';

/**
 * Bounds the calls to each provider over all workers: a token bucket in the table, and a circuit breaker that closes it
 * for a cooldown while the provider itself is in trouble.
 *
 * Checks beyond the budget reserve their tokens and are re-enqueued until the bucket has refilled them, so each waits for
 * those before it, and returns once.
 */
export interface TokenBucket {
  /** Negative by the reserved tokens that are not refilled yet. */
  readonly tokens: number;
  /** Tokens that only urgent checks may take, when the bucket has no others. */
  readonly urgentTokens: number;
  /** Time of the last refill, in ms since 1970. */
  readonly at: number;
  /** No tokens are granted before, in ms since 1970, except to urgent requests. */
  readonly cooldownUntil: number;
}

/** Call budget of a provider: tokens refilled per second, and tokens of a full bucket. */
export interface CallRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Seconds of calls that a full bucket holds, where the catalog gives no burst. */
const DEFAULT_BURST_SECONDS = 5;

/**
 * Returns the call rate of a provider: the stage's for it, its entry's, or the stage's default. The burst is that of the
 * entry where its rate is used, otherwise 5 s.
 */
export function callRateOf(
  providerId: string,
  limits: { readonly callsPerSecond: number; readonly burst?: number | undefined } | undefined,
  { perSecondOf, defaultPerSecond }: CallLimits,
): CallRate {
  const own = Object.hasOwn(perSecondOf, providerId) ? perSecondOf[providerId] : undefined;
  const perSecond = own ?? limits?.callsPerSecond ?? defaultPerSecond;
  const burst = own === undefined ? limits?.burst : undefined;
  return { perSecond, burst: burst ?? perSecond * DEFAULT_BURST_SECONDS };
}

/** Returns the calls of one check at most: the probe, and where the provider has it the request for the end or a second probe. */
export function callsPerCheck(provider: Pick<Provider, 'expiry' | 'olderProbe'> | undefined): number {
  return provider?.expiry?.request || provider?.olderProbe ? 2 : 1;
}

/** Tokens for urgent checks of a full bucket, and the part of the refill that restores them. */
const URGENT_BURST = 20;
const URGENT_REFILL_SHARE = 0.25;
/** Reservations reach at most this far ahead: SQS delays a message by 900 s at most. */
const MAX_WAIT_SECONDS = 900;

/** A request for the tokens of several checks. */
export interface TokenRequest {
  /** Checks that could run now. */
  readonly checks: number;
  /** Further checks of the same batch, which are reserved with those that are not granted. */
  readonly following: number;
  /** Calls of one check. A rejection takes as many again to be confirmed; providers' limits leave room for those. */
  readonly tokensPerCheck: number;
  /** True while a flow waits for the checks: they ignore a cooldown and may take the urgent tokens. */
  readonly isUrgent: boolean;
  /** True for checks whose tokens were reserved: only a cooldown holds them up. */
  readonly isReserved: boolean;
  readonly rate: CallRate;
}

/** The granted part of a request. */
export interface TokenGrant {
  /** Number of checks that may run now. */
  readonly granted: number;
  /** Seconds until the others, and those that follow, may run; 0 when all were granted. */
  readonly retryAfterSeconds: number;
  /** True if the tokens of the others are reserved. */
  readonly isReserved: boolean;
}

/** Shares each provider's bucket between all workers. */
export interface CallBudget {
  takeTokens(providerId: string, request: TokenRequest, now: Date): Promise<TokenGrant>;
  /** Grants nothing, except to urgent requests, until `seconds` from now. */
  startCooldown(providerId: string, seconds: number, now: Date): Promise<void>;
}

/** Takes the tokens of as many checks as the bucket has, and reserves those of the others. */
export function takeTokens(
  stored: TokenBucket | undefined,
  request: TokenRequest,
  now: Date,
): TokenGrant & { readonly bucket: TokenBucket } {
  const { checks, following, tokensPerCheck, isUrgent, isReserved, rate } = request;
  const bucket = refill(stored ?? fullBucket(), rate, now);
  const cooldownSeconds = Math.ceil((bucket.cooldownUntil - now.getTime()) / 1000);
  if (cooldownSeconds > 0 && !isUrgent) {
    return { bucket, granted: 0, retryAfterSeconds: cooldownSeconds, isReserved };
  }
  if (isReserved) return { bucket, granted: checks, retryAfterSeconds: 0, isReserved };
  const available = Math.max(0, bucket.tokens);
  const affordable = Math.floor((available + (isUrgent ? bucket.urgentTokens : 0)) / tokensPerCheck);
  const granted = Math.min(checks, affordable);
  const spent = granted * tokensPerCheck;
  const left = {
    ...bucket,
    tokens: bucket.tokens - spent,
    urgentTokens: bucket.urgentTokens - Math.max(0, spent - available),
  };
  if (granted === checks) return { bucket: left, granted, retryAfterSeconds: 0, isReserved: false };
  const tokens = left.tokens - (checks - granted + following) * tokensPerCheck;
  const retryAfterSeconds = Math.max(1, Math.ceil(-tokens / rate.perSecond));
  if (retryAfterSeconds > MAX_WAIT_SECONDS) {
    return { bucket: left, granted, retryAfterSeconds: MAX_WAIT_SECONDS, isReserved: false };
  }
  return { bucket: { ...left, tokens }, granted, retryAfterSeconds, isReserved: true };
}

/** Returns a bucket in cooldown until a time; the stored one if its cooldown lasts as long. */
export function withCooldown(stored: TokenBucket | undefined, cooldownUntil: number): TokenBucket {
  const bucket = stored ?? fullBucket();
  return bucket.cooldownUntil >= cooldownUntil ? bucket : { ...bucket, cooldownUntil };
}

/** A bucket that was never used. The first refill, since 1970, fills it. */
function fullBucket(): TokenBucket {
  return { tokens: 0, urgentTokens: URGENT_BURST, at: 0, cooldownUntil: 0 };
}

function refill(bucket: TokenBucket, { perSecond, burst }: CallRate, now: Date): TokenBucket {
  const at = Math.max(now.getTime(), bucket.at);
  const refilled = ((at - bucket.at) / 1000) * perSecond;
  return {
    ...bucket,
    tokens: Math.min(burst, bucket.tokens + refilled),
    urgentTokens: Math.min(URGENT_BURST, bucket.urgentTokens + refilled * URGENT_REFILL_SHARE),
    at,
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
