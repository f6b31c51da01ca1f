import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { callBudget } from '../../../shared/adapters/aws/table/call-budget.ts';
import type { Table } from '../../../shared/adapters/aws/table/client.ts';
import { connectionReader } from '../../../shared/adapters/aws/table/connections.ts';
import { flowReader } from '../../../shared/adapters/aws/table/flows.ts';
import { lastCheckReader } from '../../../shared/adapters/aws/table/last-checks.ts';
import { roleReader } from '../../../shared/adapters/aws/table/members.ts';
import { noticeCollector } from '../../../shared/adapters/aws/table/notices.ts';
import { deletionReader } from '../../../shared/adapters/aws/table/project-deletions.ts';
import { projectKeys } from '../../../shared/adapters/aws/table/project-keys.ts';
import { recoveryReader } from '../../../shared/adapters/aws/table/recovery.ts';
import { checkSchedule } from '../../../shared/adapters/aws/table/schedule.ts';
import {
  openSealedStore,
  sealedCredentialReader,
} from '../../../shared/adapters/aws/table/sealed-credentials.ts';
import { createSealer } from '../../../shared/adapters/sealing/sealer.ts';
import { createBaseContext } from '../../../shared/runtime/operation-context.ts';
import { testTable } from '../../harness/table.ts';

const openTable = testTable();
const ref = { projectId: 'demo', connectionId: 'con_019c9f0c-0000-7000-8000-000000000001' };

const consistency = z.object({ ConsistentRead: z.optional(z.boolean()) });
/** A keyring that is not needed, because no key is found. */
const unused = () => Promise.reject(new Error('No key is needed.'));

const request = z.union([z.object({ RequestItems: z.record(z.string(), consistency) }), consistency]);

/** Returns the reads of a function, and whether each is strongly consistent. */
async function readsOf(read: (table: Table) => Promise<unknown>): Promise<readonly string[]> {
  const table = openTable();
  const reads: string[] = [];
  table.client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        if (commandName.startsWith('Put')) return next(args);
        const input = request.parse(args.input);
        const ofTables = 'RequestItems' in input ? Object.values(input.RequestItems) : [input];
        const isStrong = ofTables.every(({ ConsistentRead = false }) => ConsistentRead);
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
  ['the deletion of a project', (table) => deletionReader(table).find('demo')],
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

test('a role is read strongly, in one call with the deletion of its project and a connection', async () => {
  const reads = await readsOf((table) => roleReader(table).read({ ...ref, userId: 'ada' }));
  expect(reads).toEqual(['strong BatchGetItemCommand']);
});

test('the last check is read eventually by the worker, which may make a check twice', async () => {
  const reads = await readsOf((table) => lastCheckReader(table).findEventual(ref.connectionId));
  expect(reads).toEqual(['eventual GetItemCommand']);
});

test('sealed credentials are read eventually, and strongly where that finds none', async () => {
  const version = { ...ref, store: 'sealed', version: '1' } as const;
  const reads = await readsOf((table) => {
    const context = createBaseContext();
    const keys = projectKeys(table, createSealer({ current: unused, find: unused }), context);
    const store = openSealedStore({ table, keys, clock: context.clock });
    return sealedCredentialReader(store).readIfKept(version);
  });
  expect(reads).toEqual(['eventual GetItemCommand', 'strong GetItemCommand']);
});

test('a connection that a batch misses is read again strongly', async () => {
  const reads = await readsOf((table) => connectionReader(table).statuses('demo', [ref.connectionId]));
  expect(reads).toEqual(['eventual BatchGetItemCommand', 'strong GetItemCommand']);
});
