import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Table } from '../../../shared/adapters/aws/table/client.ts';
import { committer } from '../../../shared/adapters/aws/table/commit.ts';
import { connectionReader } from '../../../shared/adapters/aws/table/connections.ts';
import { flowReader } from '../../../shared/adapters/aws/table/flows.ts';
import { useKey } from '../../../shared/adapters/aws/table/keys.ts';
import { withStatus } from '../../../shared/domain/flows/view.ts';
import { affectedFlows, type Flow } from '../../../shared/domain/model/flow.ts';
import { createBaseContext } from '../../../shared/runtime/operation-context.ts';
import { newConnection, newStoredConnection } from '../../harness/connections.ts';
import { hideFromBatchReads, testTable } from '../../harness/table.ts';

const PROJECT = 'demo';
const FLOWS = 120;

const connectionOf = (id: string, flowCount: number) => ({
  ...newConnection('2026-03-03T14:05:59.000Z'),
  id,
  projectId: PROJECT,
  flowCount,
});
const existing = connectionOf('con_019c9f0c-0000-7000-8000-000000000001', FLOWS);
const removed = connectionOf('con_019c9f0c-0000-7000-8000-000000000002', 0);
const refOf = ({ id }: { readonly id: string }) => ({ projectId: PROJECT, connectionId: id });

const flowId = (index: number) => `flow-${String(index).padStart(3, '0')}`;
/** A flow that is removed after its use of a connection was read. */
const REMOVED_FLOW = `${flowId(0)}-removed`;
const flowOf = (index: number): Flow => ({
  projectId: PROJECT,
  id: flowId(index),
  name: `Flow ${index}`,
  integrations: [{ stepId: 'step', providerId: 'trello', connectionId: existing.id }],
  revision: 1,
});

const openTable = testTable(async (filling) => {
  const { commit } = committer(filling, createBaseContext());
  await commit({ connections: [{ before: null, after: newStoredConnection(existing) }] });
  const flows = Array.from({ length: FLOWS }, (_, index) => flowOf(index));
  await Promise.all(flows.map((flow) => commit({ flow: { before: null, after: flow } })));
  for (const id of [flowId(0), REMOVED_FLOW, flowId(1), flowId(2)]) {
    const Item = { ...useKey(removed.id, id) };
    await filling.client.send(new PutCommand({ TableName: filling.name, Item }));
  }
});

/** A table whose eventually consistent batch reads miss items that were just written. */
let table: Table;
let calls: string[];
let isJustWritten: (item: { readonly sk: string }) => boolean;
beforeEach(() => {
  calls = [];
  isJustWritten = () => false;
  table = openTable();
  table.client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        calls.push(commandName);
        return next(args);
      },
    { step: 'initialize' },
  );
  hideFromBatchReads(table, (item) => isJustWritten(item));
});

describe('a flow', () => {
  test('shows the status of a connection that was just created, and a removed one as inactive', async () => {
    isJustWritten = () => true;
    const ports = { connections: connectionReader(table) };
    const flow = flowOf(0);
    expect(await withStatus(flow, ports)).toMatchObject({
      blocked: false,
      integrations: [{ connectionStatus: 'active' }],
    });
    const integrations = [{ stepId: 's', providerId: 'trello', connectionId: removed.id }];
    expect(await withStatus({ ...flow, integrations }, ports)).toMatchObject({
      blocked: true,
      integrations: [{ connectionStatus: 'inactive' }],
    });
  });

  test('costs one read of all its connections if none was just created', async () => {
    await withStatus(flowOf(0), { connections: connectionReader(table) });
    expect(calls).toHaveLength(1);
  });
});

describe('the flows that a connection affects', () => {
  const first = Array.from({ length: 100 }, (_, index) => ({ id: flowId(index), name: `Flow ${index}` }));

  test('are their number and the names of the first 100 by id, in a few calls', async () => {
    expect(await affectedFlows(existing, { flows: flowReader(table) })).toEqual({
      count: FLOWS,
      items: first,
    });
    expect(calls).toHaveLength(3);
  });

  test('include flows that were just created', async () => {
    isJustWritten = ({ sk }) => [flowId(7), flowId(99)].some((id) => sk === `FLOW#${id}`);
    expect((await affectedFlows(existing, { flows: flowReader(table) })).items).toEqual(first);
    expect(calls.filter((command) => command === 'GetItemCommand')).toHaveLength(2);
  });

  test('can be read page by page to the end', async () => {
    const reader = flowReader(table);
    const start = await reader.listNamesUsing(refOf(existing), { limit: 100, after: null });
    const rest = await reader.listNamesUsing(refOf(existing), { limit: 100, after: start.next });
    expect([start.items.length, rest.items.length, rest.next]).toEqual([100, 20, null]);
    expect(rest.items.at(-1)).toEqual({ id: flowId(FLOWS - 1), name: `Flow ${FLOWS - 1}` });
  });

  test.each(['listNamesUsing', 'listUsing'] as const)(
    'fill a page if one was removed meanwhile: %s',
    async (list) => {
      const reader = flowReader(table);
      const start = await reader[list](refOf(removed), { limit: 2, after: null });
      expect(start.items.map(({ id }) => id)).toEqual([flowId(0), flowId(1)]);
      const rest = await reader[list](refOf(removed), { limit: 2, after: start.next });
      expect([rest.items.map(({ id }) => id), rest.next]).toEqual([[flowId(2)], null]);
    },
  );
});
