import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { connectionKey } from '../../../shared/adapters/aws/table/keys.ts';
import { TestBackend } from '../../harness/backend.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

const storedItem = z.object({ summary: z.string() });

/** Connects a provider, and renames it in the stored connection to one that the catalog does not have. */
async function connectRemovedProvider() {
  const project = await backend.createProject();
  const connection = await project.connect();
  const { dynamodbUrl, tableName } = backend.session;
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: dynamodbUrl }));
  const stored = { TableName: tableName, Key: connectionKey(project.id, connection.id) };
  const { summary } = z.parse(storedItem, (await client.send(new GetCommand(stored))).Item);
  await client.send(
    new UpdateCommand({
      ...stored,
      UpdateExpression: 'SET summary = :summary',
      ExpressionAttributeValues: {
        ':summary': JSON.stringify({ ...JSON.parse(summary), providerId: 'removed' }),
      },
    }),
  );
  client.destroy();
  return { project, connection };
}

describe('a connection whose provider was removed from the catalog', () => {
  test('is shown with the id of its provider as name, without a next check', async () => {
    const { project, connection } = await connectRemovedProvider();
    const view = await project.get(connection.id);
    expect(view).toMatchObject({
      provider: { id: 'removed', name: 'removed' },
      status: 'active',
      nextCheckAt: null,
    });
    expect(await project.list()).toMatchObject({ items: [{ id: connection.id }], counts: { active: 1 } });
    expect((await project.history(connection.id)).items).toHaveLength(2);
  });

  test('can be renamed and disconnected', async () => {
    const { project, connection } = await connectRemovedProvider();
    const path = `/connections/${connection.id}`;
    const renamed = await project.request('PATCH', path, { body: { name: 'Renamed' } });
    expect(renamed.json).toMatchObject({ name: 'Renamed', version: 2 });
    expect((await project.unlink(connection.flowId, connection.stepId)).status).toBe(204);
    expect((await project.request('GET', path)).status).toBe(404);
    await backend.whenIdle();
  });

  test('cannot be checked or reconnected, and does not change', async () => {
    const { project, connection } = await connectRemovedProvider();
    const before = await project.get(connection.id);
    const path = `/connections/${connection.id}`;
    const responses = [
      await project.request('POST', `${path}/check`),
      await project.request('POST', `${path}/reconnect`, {
        body: { credentials: connection.credentials },
      }),
    ];
    for (const { json } of responses) expect(json).toMatchObject({ status: 404, code: 'provider_not_found' });
    expect(await project.get(connection.id)).toEqual(before);
  });

  test('keeps its flows running: its credentials are issued', async () => {
    const { project, connection } = await connectRemovedProvider();
    const path = `/v1/runtime/projects/${project.id}/connections/${connection.id}/credentials`;
    const issued = await backend.engineRequest('POST', path);
    expect(issued.json).toMatchObject({ provider: 'removed', credentials: connection.credentials });
  });
});
