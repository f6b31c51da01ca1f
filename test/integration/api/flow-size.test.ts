import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stepKey, useKey } from '../../../shared/adapters/aws/table/keys.ts';
import { STEPS_MAX } from '../../../shared/domain/flows/flow.ts';
import { type Project, TestBackend, type TestConnection } from '../../harness/backend.ts';
import { errorPaths } from '../../harness/views.ts';

let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.open();
});
afterAll(() => backend.close());

/** Of the longest that there can be, in order. */
const longest = (index: number) => String(index).padStart(128, 's');

/** Puts steps straight into a flow, as many as it can have; by a call of the API each it would take long. */
async function fill(project: Project, { id, view }: TestConnection, flowId: string): Promise<void> {
  const { dynamodbUrl, tableName } = backend.session;
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: dynamodbUrl }));
  const steps = Array.from({ length: STEPS_MAX }, (_, index) => {
    const key = stepKey(project.id, flowId, longest(index));
    return { PutRequest: { Item: { ...key, providerId: view.provider.id, connectionId: id } } };
  });
  for (let start = 0; start < steps.length; start += 25) {
    const RequestItems = { [tableName]: steps.slice(start, start + 25) };
    await client.send(new BatchWriteCommand({ RequestItems }));
  }
  const use = { ...useKey(id, flowId) };
  await client.send(new PutCommand({ TableName: tableName, Item: use }));
  client.destroy();
}

describe('a flow with as many steps as it can have', () => {
  test('takes no other, and asks no provider for it', async () => {
    const project = await backend.createProject();
    const connected = await project.connect({ provider: 'slack' });
    const flowId = await project.createFlow();
    const trello = await project.connect({ flowId: await project.createFlow() });
    await fill(project, trello, flowId);
    const before = await backend.sandbox.requestCount('slack');
    const { credentials } = connected;
    const path = `/flows/${flowId}/integrations/another`;
    const made = await project.request('PUT', path, { body: { provider: 'slack', credentials } });
    expect(errorPaths(made)).toEqual(['stepId']);
    expect(errorPaths(await project.link(flowId, 'another', connected))).toEqual(['stepId']);
    expect(await backend.sandbox.requestCount('slack')).toBe(before);
    expect((await project.flows({ connectionId: connected.id })).items).toHaveLength(1);
  });

  test('still moves those that it has', async () => {
    const project = await backend.createProject();
    const [trello, other] = [await project.connect(), await project.connect()];
    const flowId = await project.createFlow();
    await fill(project, trello, flowId);
    expect((await project.link(flowId, longest(7), other)).status).toBe(200);
    const { items } = await project.flows({ connectionId: other.id });
    const flow = items.find(({ id }) => id === flowId);
    expect(flow?.integrations).toHaveLength(STEPS_MAX);
  });
});

test('the largest page of flows fits into an answer of Lambda', async () => {
  const LAMBDA_ANSWER_BYTES = 6 * 1024 * 1024;
  const project = await backend.createProject();
  const connected = await project.connect({ provider: 'telegram-bot' });
  await fill(project, connected, await project.createFlow('f'.repeat(128)));
  await project.revokeAndCheck(connected);
  const { text } = await project.request('GET', `/flows?connectionId=${connected.id}`);
  // The handler answers the text as a string of JSON. A flow's name can be of 128 characters of 4 bytes.
  const largest = Buffer.byteLength(JSON.stringify(text)) + 4 * 128;
  expect(largest).toBeGreaterThan(STEPS_MAX * 250);

  expect(100 * largest).toBeLessThan(LAMBDA_ANSWER_BYTES);
});
