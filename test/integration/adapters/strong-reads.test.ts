import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { callBudget } from '../../../shared/adapters/aws/table/call-budget.ts';
import type { Table } from '../../../shared/adapters/aws/table/client.ts';
import { connectionReader } from '../../../shared/adapters/aws/table/connections.ts';
import { flowReader } from '../../../shared/adapters/aws/table/flows.ts';
import { lastCheckReader } from '../../../shared/adapters/aws/table/last-checks.ts';
import { roleReader } from '../../../shared/adapters/aws/table/members.ts';
import { noticeCollector } from '../../../shared/adapters/aws/table/notices.ts';
import { recoveryReader } from '../../../shared/adapters/aws/table/recovery.ts';
import { checkSchedule } from '../../../shared/adapters/aws/table/schedule.ts';
import { createBaseContext } from '../../../shared/runtime/operation-context.ts';
import { testTable } from '../../harness/table.ts';

const openTable = testTable();
const ref = { projectId: 'demo', connectionId: 'con_019c9f0c-0000-7000-8000-000000000001' };

const request = z.object({ ConsistentRead: z.optional(z.boolean()) });

/** Returns the reads of a function, and whether each is strongly consistent. */
async function readsOf(read: (table: Table) => Promise<unknown>): Promise<readonly string[]> {
  const table = openTable();
  const reads: string[] = [];
  table.client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        if (commandName.startsWith('Put')) return next(args);
        const { ConsistentRead: isStrong = false } = request.parse(args.input);
        reads.push(`${isStrong ? 'strong' : 'eventual'} ${commandName}`);
        return next(args);
      },
    { step: 'initialize' },
  );
  await read(table);
  return reads;
}

/**
 * Decisions and responses after a write must see it: each of these reads is followed by a write under a condition, or is
 * what a caller reads right after its own change. The local engine reads everything strongly, so no other test notices.
 */
test.each<readonly [string, (table: Table) => Promise<unknown>]>([
  ['a connection', (table) => connectionReader(table).find(ref)],
  ['a role', (table) => roleReader(table).roleOf('demo', 'ada')],
  ['a last check', (table) => lastCheckReader(table).find(ref.connectionId)],
  ['an intent', (table) => recoveryReader(table).findIntent(ref)],
  ['the checkpoint of the scheduler', (table) => checkSchedule(table).loadCheckpoint()],
  [
    'a token bucket',
    (table) => callBudget(table, createBaseContext()).startCooldown('trello', 60, new Date('2026-03-03')),
  ],
])('%s is read strongly', async (_, read) => {
  expect(await readsOf(read)).toEqual(['strong GetItemCommand']);
});

test.each<readonly [string, (table: Table) => Promise<unknown>]>([
  ['a flow', (table) => flowReader(table).find({ projectId: 'demo', flowId: 'flow' })],
  ['the collected notices of a project', (table) => noticeCollector(table).collected('demo')],
])('%s is read strongly, by one query', async (_, read) => {
  expect(await readsOf(read)).toEqual(['strong QueryCommand']);
});

test('a connection that a batch misses is read again strongly', async () => {
  const reads = await readsOf((table) => connectionReader(table).statuses('demo', [ref.connectionId]));
  expect(reads).toEqual(['eventual BatchGetItemCommand', 'strong GetItemCommand']);
});
