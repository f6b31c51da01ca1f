import { describe, expect, test } from 'vitest';
import { type Bucket, FULL_BUCKET, taken } from '../../../shared/domain/checks/bucket.ts';

const NOW = new Date('2026-11-02T08:30:00.000Z');
const holding = (calls: number, pausedUntil = 0): Bucket => ({ calls, at: NOW.getTime(), pausedUntil });
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

describe('the calls to one provider', () => {
  test('are granted while there are any, and fill up again by twenty a second', () => {
    const first = taken(FULL_BUCKET, { checks: 150, callsEach: 1, isUrgent: false }, NOW);
    expect(first).toMatchObject({ granted: 100, retryAfterSeconds: 3 });
    const tooSoon = taken(first.bucket, { checks: 50, callsEach: 1, isUrgent: false }, later(2));
    expect(tooSoon).toMatchObject({ granted: 40, retryAfterSeconds: 1 });
    expect(taken(first.bucket, { checks: 50, callsEach: 1, isUrgent: false }, later(3))).toMatchObject({
      granted: 50,
      retryAfterSeconds: 0,
      bucket: { calls: 10 },
    });
  });

  test('are counted, not the checks that they are for', () => {
    expect(taken(holding(9), { checks: 10, callsEach: 2, isUrgent: false }, NOW)).toMatchObject({
      granted: 4,
      retryAfterSeconds: 1,
      bucket: { calls: 1 },
    });
    expect(taken(holding(0), { checks: 50, callsEach: 2, isUrgent: false }, NOW).retryAfterSeconds).toBe(5);
  });

  test('are none during a pause', () => {
    const paused = taken(
      holding(100, later(45).getTime()),
      { checks: 1, callsEach: 1, isUrgent: false },
      NOW,
    );
    expect(paused).toMatchObject({ granted: 0, retryAfterSeconds: 45, bucket: { calls: 100 } });
  });

  test('are granted at once where a flow waits, during a pause and beyond what there is, but not without end', () => {
    const urgent = { checks: 1, callsEach: 1, isUrgent: true };
    expect(taken(holding(100, later(45).getTime()), urgent, NOW)).toMatchObject({
      granted: 1,
      bucket: { calls: 99, pausedUntil: later(45).getTime() },
    });
    const overdrawn = taken(holding(0), { ...urgent, checks: 30 }, NOW);
    expect(overdrawn).toMatchObject({ granted: 20, retryAfterSeconds: 2, bucket: { calls: -20 } });
    expect(taken(overdrawn.bucket, urgent, NOW)).toMatchObject({ granted: 0, bucket: { calls: -20 } });
    const next = { checks: 1, callsEach: 1, isUrgent: false };
    expect(taken(overdrawn.bucket, next, NOW)).toMatchObject({ granted: 0, retryAfterSeconds: 2 });
    expect(taken(overdrawn.bucket, next, later(2))).toMatchObject({ granted: 1 });
  });
});
