import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { callBudget } from '../../../shared/adapters/aws/table/call-budget.ts';
import { testTable } from '../../harness/table.ts';

const openTable = testTable();

const NOW = new Date('2026-11-02T08:30:00.000Z');
const rate = { perSecond: 10, burst: 50 };
const request = { checks: 20, following: 0, tokensPerCheck: 1, isUrgent: false, isReserved: false, rate };

test('workers at the same time are granted the tokens of a bucket once', async () => {
  const budget = callBudget(openTable(), { backoff: () => Promise.resolve() });
  const providerId = randomUUID();
  const grants = await Promise.all(
    Array.from({ length: 4 }, () => budget.takeTokens(providerId, request, NOW)),
  );
  const granted = grants.reduce((sum, grant) => sum + grant.granted, 0);
  expect([granted, grants.map((grant) => grant.granted).toSorted()]).toEqual([50, [0, 10, 20, 20]]);
});

test('of two cooldowns at the same time, the longer one holds', async () => {
  const budget = callBudget(openTable(), { backoff: () => Promise.resolve() });
  const providerId = randomUUID();
  await Promise.all([30, 90, 60].map((seconds) => budget.startCooldown(providerId, seconds, NOW)));
  await budget.startCooldown(providerId, 10, NOW);
  expect(await budget.takeTokens(providerId, request, NOW)).toMatchObject({
    granted: 0,
    retryAfterSeconds: 90,
  });
});
