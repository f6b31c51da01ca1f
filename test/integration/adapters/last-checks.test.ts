import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { lastCheckKey } from '../../../shared/adapters/aws/table/keys.ts';
import { lastCheckStore } from '../../../shared/adapters/aws/table/last-checks.ts';
import type { LastCheckStore } from '../../../shared/domain/checks/ports.ts';
import { testTable } from '../../harness/table.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const CREATED_AT = new Date('2026-11-02T08:30:00.000Z');

const table = testTable();
let store: LastCheckStore;
beforeEach(() => {
  store = lastCheckStore(table());
});

/** Returns the time after which DynamoDB removes the item of a last check, in ms since 1970. */
async function expiryOf(connectionId: string): Promise<number> {
  const { client, name } = table();
  const get = new GetCommand({
    TableName: name,
    Key: { ...lastCheckKey(connectionId) },
    ConsistentRead: true,
  });
  const { ttl } = z.object({ ttl: z.number() }).parse((await client.send(get)).Item);
  return ttl * 1000;
}

test('a last check is kept for 40 days after its last write, so it outlives its connection by 40 days at most', async () => {
  const at = CREATED_AT.toISOString();
  await store.record('con_1', at, { scheduledFor: at, at, outcome: 'ok' });
  expect(await expiryOf('con_1')).toBe(CREATED_AT.getTime() + 40 * DAY_MS);
  const next = new Date(CREATED_AT.getTime() + DAY_MS).toISOString();
  await store.record('con_1', next, { scheduledFor: next, at: next, outcome: 'unavailable' });
  expect(await expiryOf('con_1')).toBe(CREATED_AT.getTime() + 41 * DAY_MS);
  await store.claimReport('con_2', { id: 'report', at: CREATED_AT }, 5);
  expect(await expiryOf('con_2')).toBe(CREATED_AT.getTime() + 40 * DAY_MS);
});

test('a report stands for all reports of its window, unless it is released', async () => {
  const claim = (seconds: number, id = `at ${seconds}`) =>
    store.claimReport('con_3', { id, at: new Date(CREATED_AT.getTime() + seconds * 1000) }, 5);
  expect([await claim(0), await claim(0, 'another'), await claim(5)]).toEqual([true, false, false]);
  expect([await claim(6), await claim(7)]).toEqual([true, false]);
  await store.releaseReport('con_3', { id: 'at 6', at: CREATED_AT });
  expect(await claim(8)).toBe(true);
});
