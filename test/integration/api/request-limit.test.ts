import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, expect, test } from 'vitest';
import { requestCountKey } from '../../../shared/adapters/aws/table/keys.ts';
import { requireWithinLimit } from '../../../shared/domain/access/request-limit.ts';
import { timestamp } from '../../../shared/domain/operation-context.ts';
import { TestBackend } from '../../harness/backend.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

const MINUTE_MS = 60_000;

/** Lets a project have made all requests of this minute, and of the next one, in which the test may end. */
async function useUp(projectId: string): Promise<void> {
  const minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const { dynamodbUrl, tableName: TableName } = backend.session;
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: dynamodbUrl }));
  for (const start of [minute, minute + MINUTE_MS]) {
    const Item = { ...requestCountKey(projectId, timestamp(new Date(start))), requests: 600 };
    await client.send(new PutCommand({ TableName, Item }));
  }
  client.destroy();
}

test("beyond its limit, a project's requests that call providers are refused, and no others", async () => {
  const project = await backend.createProject();
  const { id, view } = await project.connect();
  await useUp(project.id);
  const refused = await project.request('POST', `/connections/${id}/check`);
  expect(refused).toMatchObject({ status: 429, json: { code: 'too_many_requests' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  expect(await project.get(id)).toEqual(view);
  const other = await backend.createProject();
  const { id: otherId } = await other.connect();
  expect((await other.request('POST', `/connections/${otherId}/check`)).status).toBe(200);
});

test('requests are counted by the minute in which they arrive', async () => {
  const minutes: string[] = [];
  const counter = {
    async count(_projectId: string, minute: Date) {
      minutes.push(timestamp(minute));
      return 3;
    },
  };
  const at = new Date('2026-01-02T03:04:05.678Z');
  await requireWithinLimit('project', { counter, perMinute: 3 }, at);
  await expect(requireWithinLimit('project', { counter, perMinute: 2 }, at)).rejects.toMatchObject({
    problem: { code: 'too_many_requests', retryAfterSeconds: 55 },
  });
  expect(minutes).toEqual(['2026-01-02T03:04:00.000Z', '2026-01-02T03:04:00.000Z']);
});
