import { expect, test } from 'vitest';
import { STALE, untilCommitted } from '../../../shared/domain/optimistic.ts';

/** Runs an operation that commits at its nth attempt. Returns the backoffs before its result. */
async function commitAt(attempt: number) {
  const backoffs: number[] = [];
  const backoff = async (attempts: number) => void backoffs.push(attempts);
  let attempts = 0;
  const run = async () => {
    attempts += 1;
    return attempts === attempt ? ('committed' as const) : STALE;
  };
  const result = await untilCommitted(run, { backoff }).catch((error: unknown) => error);
  return { result, attempts, backoffs };
}

test('an operation whose commit comes too late is repeated after a backoff', async () => {
  expect(await commitAt(1)).toEqual({ result: 'committed', attempts: 1, backoffs: [] });
  expect(await commitAt(3)).toEqual({ result: 'committed', attempts: 3, backoffs: [1, 2] });
});

test('the twelfth attempt is the last, and is followed by no backoff', async () => {
  const backoffs = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
  expect(await commitAt(12)).toEqual({ result: 'committed', attempts: 12, backoffs });
  const { result, ...rest } = await commitAt(13);
  expect(rest).toEqual({ attempts: 12, backoffs });
  expect(result).toMatchObject({ problem: { code: 'busy', retryAfterSeconds: 1 } });
});
