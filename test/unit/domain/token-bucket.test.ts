import { describe, expect, test } from 'vitest';
import {
  cooldownAfter,
  FULL_BUCKET,
  type TokenBucket,
  type TokenRequest,
  takeTokens,
} from '../../../shared/domain/checks/token-bucket.ts';
import type { UnavailableCause, Verification } from '../../../shared/domain/credentials/verification.ts';

const NOW = new Date('2026-11-02T08:30:00.000Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

const bucketWith = (tokens: number, cooldownUntil = 0): TokenBucket => ({
  tokens,
  at: NOW.getTime(),
  cooldownUntil,
});
const request = (checks: number, options: Partial<TokenRequest> = {}): TokenRequest => ({
  checks,
  tokensPerCheck: 1,
  isUrgent: false,
  ...options,
});

describe('a token bucket', () => {
  test('grants what it holds, and refills at 20 tokens a second', () => {
    const first = takeTokens(FULL_BUCKET, request(150), NOW);
    expect(first).toMatchObject({ granted: 100, retryAfterSeconds: 3 });
    expect(takeTokens(first.bucket, request(50), later(2))).toMatchObject({
      granted: 40,
      retryAfterSeconds: 1,
    });
    expect(takeTokens(first.bucket, request(50), later(3))).toMatchObject({
      granted: 50,
      retryAfterSeconds: 0,
      bucket: { tokens: 10 },
    });
  });

  test('counts calls, not checks', () => {
    expect(takeTokens(bucketWith(9), request(10, { tokensPerCheck: 2 }), NOW)).toMatchObject({
      granted: 4,
      retryAfterSeconds: 1,
      bucket: { tokens: 1 },
    });
    const empty = takeTokens(bucketWith(0), request(50, { tokensPerCheck: 2 }), NOW);
    expect(empty.retryAfterSeconds).toBe(5);
  });

  test('grants nothing during a cooldown', () => {
    expect(takeTokens(bucketWith(100, later(45).getTime()), request(1), NOW)).toMatchObject({
      granted: 0,
      retryAfterSeconds: 45,
      bucket: { tokens: 100 },
    });
  });

  test('grants urgent checks during a cooldown, and a burst of 20 when it is empty', () => {
    const urgent = request(1, { isUrgent: true });
    expect(takeTokens(bucketWith(100, later(45).getTime()), urgent, NOW)).toMatchObject({
      granted: 1,
      bucket: { tokens: 99, cooldownUntil: later(45).getTime() },
    });
    const burst = takeTokens(bucketWith(0), { ...urgent, checks: 30 }, NOW);
    expect(burst).toMatchObject({ granted: 20, retryAfterSeconds: 2, bucket: { tokens: -20 } });
    expect(takeTokens(burst.bucket, urgent, NOW)).toMatchObject({ granted: 0, bucket: { tokens: -20 } });
    expect(takeTokens(burst.bucket, request(1), NOW)).toMatchObject({ granted: 0, retryAfterSeconds: 2 });
    expect(takeTokens(burst.bucket, request(1), later(2))).toMatchObject({ granted: 1 });
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
