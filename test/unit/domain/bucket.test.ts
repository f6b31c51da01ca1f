import { describe, expect, test } from 'vitest';
import { FULL_BUCKET, type TokenBucket, takeTokens } from '../../../shared/domain/checks/token-bucket.ts';

const NOW = new Date('2026-11-02T08:30:00.000Z');
const holding = (tokens: number, cooldownUntil = 0): TokenBucket => ({
  tokens,
  at: NOW.getTime(),
  cooldownUntil,
});
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

describe('the calls to one provider', () => {
  test('are granted while there are any, and fill up again by twenty a second', () => {
    const first = takeTokens(FULL_BUCKET, { checks: 150, tokensPerCheck: 1, isUrgent: false }, NOW);
    expect(first).toMatchObject({ granted: 100, retryAfterSeconds: 3 });
    const tooSoon = takeTokens(first.bucket, { checks: 50, tokensPerCheck: 1, isUrgent: false }, later(2));
    expect(tooSoon).toMatchObject({ granted: 40, retryAfterSeconds: 1 });
    expect(
      takeTokens(first.bucket, { checks: 50, tokensPerCheck: 1, isUrgent: false }, later(3)),
    ).toMatchObject({
      granted: 50,
      retryAfterSeconds: 0,
      bucket: { tokens: 10 },
    });
  });

  test('are counted, not the checks that they are for', () => {
    expect(takeTokens(holding(9), { checks: 10, tokensPerCheck: 2, isUrgent: false }, NOW)).toMatchObject({
      granted: 4,
      retryAfterSeconds: 1,
      bucket: { tokens: 1 },
    });
    expect(
      takeTokens(holding(0), { checks: 50, tokensPerCheck: 2, isUrgent: false }, NOW).retryAfterSeconds,
    ).toBe(5);
  });

  test('are none during a pause', () => {
    const paused = takeTokens(
      holding(100, later(45).getTime()),
      { checks: 1, tokensPerCheck: 1, isUrgent: false },
      NOW,
    );
    expect(paused).toMatchObject({ granted: 0, retryAfterSeconds: 45, bucket: { tokens: 100 } });
  });

  test('are granted at once where a flow waits, during a pause and beyond what there is, but not without end', () => {
    const urgent = { checks: 1, tokensPerCheck: 1, isUrgent: true };
    expect(takeTokens(holding(100, later(45).getTime()), urgent, NOW)).toMatchObject({
      granted: 1,
      bucket: { tokens: 99, cooldownUntil: later(45).getTime() },
    });
    const overdrawn = takeTokens(holding(0), { ...urgent, checks: 30 }, NOW);
    expect(overdrawn).toMatchObject({ granted: 20, retryAfterSeconds: 2, bucket: { tokens: -20 } });
    expect(takeTokens(overdrawn.bucket, urgent, NOW)).toMatchObject({ granted: 0, bucket: { tokens: -20 } });
    const next = { checks: 1, tokensPerCheck: 1, isUrgent: false };
    expect(takeTokens(overdrawn.bucket, next, NOW)).toMatchObject({ granted: 0, retryAfterSeconds: 2 });
    expect(takeTokens(overdrawn.bucket, next, later(2))).toMatchObject({ granted: 1 });
  });
});
