import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, describe, expect, test } from 'vitest';
import { stepKey, useKey } from '../../../shared/adapters/aws/table/keys.ts';
import { MAX_INTEGRATIONS } from '../../../shared/domain/model/flow.ts';
import { type Project, TestBackend, type TestConnection } from '../../harness/backend.ts';
import { errorPaths } from '../../harness/views.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

/** Returns a step id of the maximum length; they sort by `index`. */
const longStepId = (index: number) => String(index).padStart(128, 's');

/** Fills a flow with the maximum number of steps by writing to the table, since as many API calls take long. */
async function fill(project: Project, { id, view }: TestConnection, flowId: string): Promise<void> {
  const { dynamodbUrl, tableName } = backend.session;
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: dynamodbUrl }));
  const steps = Array.from({ length: MAX_INTEGRATIONS }, (_, index) => {
    const key = stepKey(project.id, flowId, longStepId(index));
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

describe('a flow with 200 steps', () => {
  test('refuses another step before any call of its provider', async () => {
    const project = await backend.createProject();
    const connection = await project.connect({ provider: 'slack' });
    const flowId = await project.createFlow();
    const trello = await project.connect({ flowId: await project.createFlow() });
    await fill(project, trello, flowId);
    const before = await backend.sandbox.requestCount('slack');
    const { credentials } = connection;
    const path = `/flows/${flowId}/integrations/another`;
    const made = await project.request('PUT', path, { body: { provider: 'slack', credentials } });
    expect(errorPaths(made)).toEqual(['stepId']);
    expect(errorPaths(await project.link(flowId, 'another', connection))).toEqual(['stepId']);
    expect(await backend.sandbox.requestCount('slack')).toBe(before);
    expect((await project.flows({ connectionId: connection.id })).items).toHaveLength(1);
  });

  test('can link its steps to other connections', async () => {
    const project = await backend.createProject();
    const [trello, other] = [await project.connect(), await project.connect()];
    const flowId = await project.createFlow();
    await fill(project, trello, flowId);
    expect((await project.link(flowId, longStepId(7), other)).status).toBe(200);
    const { items } = await project.flows({ connectionId: other.id });
    const flow = items.find(({ id }) => id === flowId);
    expect(flow?.integrations).toHaveLength(MAX_INTEGRATIONS);
  });
});

test('the largest page of flows fits into a response of Lambda', async () => {
  const MAX_RESPONSE_BYTES = 6 * 1024 * 1024;
  const project = await backend.createProject();
  const connection = await project.connect({ provider: 'telegram-bot' });
  await fill(project, connection, await project.createFlow('f'.repeat(128)));
  await project.revokeAndCheck(connection);
  const { text } = await project.request('GET', `/flows?connectionId=${connection.id}`);
  // The handler returns the text as a JSON string. A name has at most 128 characters of 4 bytes.
  const largest = Buffer.byteLength(JSON.stringify(text)) + 4 * 128;
  expect(largest).toBeGreaterThan(MAX_INTEGRATIONS * 250);
  expect(100 * largest).toBeLessThan(MAX_RESPONSE_BYTES);
});
