import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DelayQueue } from '../../bench/scale/delay-queue.ts';

test('messages come in the order of their times, and of their arrival', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.nat(20), (times, now) => {
      const queue = new DelayQueue<number>();
      for (const [index, at] of times.entries()) queue.add(at, index);
      const byTime = [...times.keys()].toSorted((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
      const due = byTime.filter((index) => (times[index] ?? 0) <= now);
      expect([...queue.take(now, 3), ...queue.take(now, times.length)]).toEqual(due);
      expect(queue.size).toBe(times.length - due.length);
      expect(queue.nextAt()).toBe(Math.min(...times.filter((at) => at > now)));
    }),
  );
});
