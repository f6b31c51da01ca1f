import { describe, expect, test } from 'vitest';
import {
  callRateOf,
  cooldownAfter,
  type TokenBucket,
  type TokenRequest,
  takeTokens,
  withCooldown,
} from '../../../shared/domain/checks/token-bucket.ts';
import type { UnavailableCause, Verification } from '../../../shared/domain/credentials/verification.ts';

const NOW = new Date('2026-11-02T08:30:00.000Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

const bucketWith = (tokens: number, properties: Partial<TokenBucket> = {}): TokenBucket => ({
  tokens,
  urgentTokens: 20,
  at: NOW.getTime(),
  cooldownUntil: 0,
  ...properties,
});
const request = (checks: number, properties: Partial<TokenRequest> = {}): TokenRequest => ({
  checks,
  following: 0,
  tokensPerCheck: 1,
  isUrgent: false,
  isReserved: false,
  rate: { perSecond: 20, burst: 100 },
  ...properties,
});

describe('a token bucket', () => {
  test('is full before its first use, and grants what it holds', () => {
    expect(takeTokens(undefined, request(100), NOW)).toMatchObject({
      granted: 100,
      retryAfterSeconds: 0,
      bucket: { tokens: 0 },
    });
  });

  test('refills at the rate of its provider, up to the burst', () => {
    const rate = { perSecond: 2, burst: 10 };
    expect(takeTokens(bucketWith(0), request(9, { rate }), later(4))).toMatchObject({ granted: 8 });
    expect(takeTokens(bucketWith(0), request(9, { rate }), later(60)).bucket.tokens).toBe(1);
  });

  test('reserves the tokens of the others, which wait for those before them and return once', () => {
    const first = takeTokens(undefined, request(150), NOW);
    expect(first).toMatchObject({ granted: 100, retryAfterSeconds: 3, isReserved: true });
    const second = takeTokens(first.bucket, request(10, { following: 40 }), NOW);
    expect(second).toMatchObject({ granted: 0, retryAfterSeconds: 5, isReserved: true });
    const returned = takeTokens(second.bucket, request(50, { isReserved: true }), later(3));
    expect(returned).toMatchObject({ granted: 50, retryAfterSeconds: 0, bucket: { tokens: -40 } });
    expect(takeTokens(returned.bucket, request(20), later(6))).toMatchObject({ granted: 20 });
  });

  test('counts calls, not checks', () => {
    expect(takeTokens(bucketWith(9), request(10, { tokensPerCheck: 2 }), NOW)).toMatchObject({
      granted: 4,
      retryAfterSeconds: 1,
      bucket: { tokens: -11 },
    });
  });

  test('reserves nothing beyond the maximum delay of SQS', () => {
    const bucket = bucketWith(-17_990);
    expect(takeTokens(bucket, request(10), NOW)).toMatchObject({ retryAfterSeconds: 900, isReserved: true });
    expect(takeTokens(bucket, request(11), NOW)).toMatchObject({
      granted: 0,
      retryAfterSeconds: 900,
      isReserved: false,
      bucket: { tokens: -17_990 },
    });
  });

  test('grants nothing during a cooldown, not even reserved checks', () => {
    const bucket = withCooldown(bucketWith(100), later(45).getTime());
    for (const isReserved of [false, true]) {
      expect(takeTokens(bucket, request(1, { isReserved }), NOW)).toMatchObject({
        granted: 0,
        retryAfterSeconds: 45,
        isReserved,
        bucket: { tokens: 100 },
      });
    }
  });

  test('keeps the longer of two cooldowns', () => {
    const bucket = withCooldown(undefined, later(45).getTime());
    expect(withCooldown(bucket, later(30).getTime())).toBe(bucket);
    expect(withCooldown(bucket, later(60).getTime()).cooldownUntil).toBe(later(60).getTime());
  });

  test('grants urgent checks during a cooldown, and 20 of them when it is empty', () => {
    const urgent = request(1, { isUrgent: true });
    expect(takeTokens(withCooldown(bucketWith(100), later(45).getTime()), urgent, NOW)).toMatchObject({
      granted: 1,
      bucket: { tokens: 99, urgentTokens: 20 },
    });
    const burst = takeTokens(bucketWith(0), { ...urgent, checks: 20 }, NOW);
    expect(burst).toMatchObject({ granted: 20, bucket: { urgentTokens: 0 } });
    expect(takeTokens(burst.bucket, urgent, NOW)).toMatchObject({ granted: 0 });
    // A quarter of the refill restores the urgent tokens.
    expect(takeTokens(burst.bucket, { ...urgent, checks: 99 }, later(2)).bucket.urgentTokens).toBe(0);
    expect(takeTokens(burst.bucket, request(0), later(2)).bucket.urgentTokens).toBe(10);
  });
});

describe("a provider's call rate", () => {
  const limits = { defaultPerSecond: 20, perSecondOf: { hubspot: 50 } };

  test("is its entry's, or the default with a burst of 5 s", () => {
    expect(callRateOf('trello', { callsPerSecond: 3, burst: 9 }, limits)).toEqual({ perSecond: 3, burst: 9 });
    expect(callRateOf('trello', { callsPerSecond: 3 }, limits)).toEqual({ perSecond: 3, burst: 15 });
    expect(callRateOf('trello', undefined, limits)).toEqual({ perSecond: 20, burst: 100 });
    expect(callRateOf('constructor', undefined, limits)).toEqual({ perSecond: 20, burst: 100 });
  });

  test("is the stage's where its settings name the provider", () => {
    expect(callRateOf('hubspot', undefined, limits)).toEqual({ perSecond: 50, burst: 250 });
    expect(callRateOf('hubspot', { callsPerSecond: 3, burst: 9 }, limits)).toEqual({
      perSecond: 50,
      burst: 250,
    });
  });
});

const ok: Verification = { outcome: 'ok', account: null, expiresAt: null };
const rejected: Verification = { outcome: 'rejected', reason: 'access_revoked' };
const rateLimited = (retryAfterSeconds: number): Verification => ({
  outcome: 'rate_limited',
  retryAfterSeconds,
});
const unavailable = (cause: UnavailableCause = 'timeout'): Verification => ({
  outcome: 'unavailable',
  cause,
  retryAfterSeconds: 1,
});

describe('the cooldown', () => {
  test.each<[name: string, verifications: readonly Verification[], seconds: number]>([
    ['no check', [], 0],
    ['conclusive responses', [ok, rejected, ok], 0],
    ['one rate-limited account', [rateLimited(3600)], 0],
    ['two rate-limited accounts of ten', [...Array(8).fill(ok), rateLimited(60), rateLimited(60)], 0],
    ['half of the accounts rate-limited', [rateLimited(30), ok, rateLimited(90), rejected], 90],
    ['two checks without a response', [unavailable(), unavailable()], 0],
    ['three checks without a response', [unavailable(), unavailable('server_error'), unavailable('dns')], 60],
    ['one response among checks without one', [unavailable(), unavailable(), unavailable(), ok], 0],
    ['hosts of customers that do not exist', Array(5).fill(unavailable('host_not_found')), 0],
  ])('after %s', (_name, verifications, seconds) => {
    expect(cooldownAfter(verifications)).toBe(seconds);
  });
});
