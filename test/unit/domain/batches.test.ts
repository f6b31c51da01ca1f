import { describe, expect, test } from 'vitest';
import { processInBatches } from '../../../shared/domain/batches.ts';

async function* numbers(count: number) {
  for (let number = 0; number < count; number += 1) yield number;
}

describe('processing in batches', () => {
  test('continues after failures, however many there are', async () => {
    const processed: number[] = [];
    const { failures, ...report } = await processInBatches(numbers(150), async (number) => {
      if (number < 100) throw new Error(`${number}`);
      processed.push(number);
    });
    expect(report).toEqual({ done: 50 });
    expect(processed).toEqual(Array.from({ length: 50 }, (_, index) => 100 + index));
    expect(failures.map(({ item }) => item)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(failures[7]?.error).toEqual(new Error('7'));
  });

  test('processes 25 items at a time at most', async () => {
    let running = 0;
    let most = 0;
    await processInBatches(numbers(60), async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
    });
    expect(most).toBe(25);
  });

  test('stops after 2,000 items, and reads no more', async () => {
    let read = 0;
    async function* endless() {
      for (;;) yield read++;
    }
    expect(await processInBatches(endless(), async () => undefined)).toEqual({ done: 2_000, failures: [] });
    expect(read).toBe(2_000);
  });
});
