import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createTable } from '../../../local/table/create.ts';
import { type Engine, startEngine } from '../../../local/table/engine.ts';
import { openTable, type Table } from '../../../shared/adapters/aws/table/client.ts';
import { committer } from '../../../shared/adapters/aws/table/commit.ts';
import { connectionReader } from '../../../shared/adapters/aws/table/connections.ts';
import { flowReader } from '../../../shared/adapters/aws/table/flows.ts';
import { useKey } from '../../../shared/adapters/aws/table/keys.ts';
import { catalog } from '../../../shared/catalog/index.ts';
import type { Connection } from '../../../shared/domain/connections/connection.ts';
import { affectedFlows } from '../../../shared/domain/flows/affected.ts';
import type { Flow } from '../../../shared/domain/flows/flow.ts';
import { viewFlow } from '../../../shared/domain/flows/statuses.ts';
import { createBaseContext } from '../../../shared/runtime/operation-context.ts';

const PROJECT = 'demo';
const AT = '2026-03-03T14:05:59.000Z';
const FLOWS = 120;

const connectionOf = (id: string, flowCount: number): Connection => ({
  id,
  projectId: PROJECT,
  providerId: 'trello',
  name: 'Board',
  status: 'active',
  statusReason: null,
  statusSince: AT,
  account: null,
  flowCount,
  connectedAt: AT,
  reconnectedAt: null,
  lastCheckedAt: AT,
  expiresAt: null,
  createdBy: 'ada',
  updatedAt: AT,
  version: 1,
});
const here = connectionOf('con_019c9f0c-0000-7000-8000-000000000001', FLOWS);
const gone = connectionOf('con_019c9f0c-0000-7000-8000-000000000002', 0);

const flowId = (index: number) => `flow-${String(index).padStart(3, '0')}`;
/** Still among the uses of a connection when a page is read, and no more when the flow itself is. */
const REMOVED = `${flowId(0)}-removed`;
const flowOf = (index: number): Flow => ({
  projectId: PROJECT,
  id: flowId(index),
  name: `Flow ${index}`,
  integrations: [{ stepId: 'step', providerId: 'trello', connectionId: here.id }],
  revision: 1,
});

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine({});
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: engine.url,
  });
  await createTable('present', engine.url);
  const { commit } = committer(openTable('present'), createBaseContext(catalog));
  const stored = {
    secretVersion: 'v',
    revision: 1,
    lease: null,
    cadence: 'day',
    reminder: null,
  } as const;
  await commit({ connections: [{ before: null, after: { connection: here, ...stored } }] });
  const flows = Array.from({ length: FLOWS }, (_, index) => flowOf(index));
  await Promise.all(flows.map((flow) => commit({ flow: { before: null, after: flow } })));
  const { client, name } = openTable('present');
  for (const id of [flowId(0), REMOVED, flowId(1), flowId(2)]) {
    await client.send(new PutCommand({ TableName: name, Item: { ...useKey(gone.id, id) } }));
  }
  client.destroy();
});
afterAll(() => engine.close());

const read = z.object({ Responses: z.object({ present: z.array(z.record(z.string(), z.unknown())) }) });

/** A table whose eventually consistent reads by key miss whatever was `justWritten`. */
let table: Table;
let calls: string[];
let justWritten: (item: Readonly<Record<string, unknown>>) => boolean;
beforeEach(() => {
  calls = [];
  justWritten = () => false;
  table = openTable('present');
  table.client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        calls.push(commandName);
        const answer = await next(args);
        if (commandName !== 'BatchGetItemCommand') return answer;
        const { Responses } = read.parse(answer.output);
        const present = Responses.present.filter((item) => !justWritten(item));
        Object.assign(answer.output, { Responses: { present } });
        return answer;
      },
    { step: 'initialize' },
  );
});
afterEach(() => table.client.destroy());

describe('a flow', () => {
  test('shows a connection that was made just now as it is, and one that is gone as inactive', async () => {
    justWritten = () => true;
    const flow = flowOf(0);
    expect(await viewFlow(flow, connectionReader(table))).toMatchObject({
      blocked: false,
      integrations: [{ connectionStatus: 'active' }],
    });
    const broken = { ...flow, integrations: [{ stepId: 's', providerId: 'trello', connectionId: gone.id }] };
    expect(await viewFlow(broken, connectionReader(table))).toMatchObject({
      blocked: true,
      integrations: [{ connectionStatus: 'inactive' }],
    });
  });

  test('costs one read of all its connections where none was made just now', async () => {
    await viewFlow(flowOf(0), connectionReader(table));
    expect(calls).toHaveLength(1);
  });
});

describe('the flows that a connection concerns', () => {
  const first = Array.from({ length: 100 }, (_, index) => ({ id: flowId(index), name: `Flow ${index}` }));

  test('are counted, and the first hundred by id named, in a few calls', async () => {
    expect(await affectedFlows(here, flowReader(table))).toEqual({ count: FLOWS, items: first });
    expect(calls).toHaveLength(3);
  });

  test('are named though some were made just now', async () => {
    justWritten = ({ sk }) => [flowId(7), flowId(99)].some((id) => sk === `FLOW#${id}`);
    expect((await affectedFlows(here, flowReader(table))).items).toEqual(first);
    expect(calls.filter((command) => command === 'GetItemCommand')).toHaveLength(2);
  });

  test('can be followed to their end', async () => {
    const reader = flowReader(table);
    const start = await reader.flowsUsing(PROJECT, here.id, { limit: 100, after: null });
    const rest = await reader.flowsUsing(PROJECT, here.id, { limit: 100, after: start.next });
    expect([start.items.length, rest.items.length, rest.next]).toEqual([100, 20, null]);
    expect(rest.items.at(-1)).toEqual({ id: flowId(FLOWS - 1), name: `Flow ${FLOWS - 1}` });
  });

  test.each(['flowsUsing', 'wholeFlowsUsing'] as const)(
    'fill a page though one was removed meanwhile: %s',
    async (which) => {
      const reader = flowReader(table);
      const start = await reader[which](PROJECT, gone.id, { limit: 2, after: null });
      expect(start.items.map(({ id }) => id)).toEqual([flowId(0), flowId(1)]);
      const rest = await reader[which](PROJECT, gone.id, { limit: 2, after: start.next });
      expect([rest.items.map(({ id }) => id), rest.next]).toEqual([[flowId(2)], null]);
    },
  );
});
