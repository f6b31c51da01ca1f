import { randomUUID } from 'node:crypto';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, test } from 'vitest';
import { routes } from '../../../shared/contract/http/index.ts';
import { isIdempotent } from '../../../shared/contract/http/route.ts';
import { type Project, TestBackend } from '../../harness/backend.ts';
import { createExampleProject, EXAMPLES, OPERATIONS, send } from '../../harness/requests.ts';
import type { ApiResponse } from '../../harness/response.ts';
import { errorPaths } from '../../harness/views.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

const newKey = () => ({ 'idempotency-key': randomUUID() });

/** Prepares a request that creates a connection each time it is executed. */
async function prepareCreation(project: Project, provider = 'trello') {
  const flowId = await project.createFlow();
  const { credentials, id } = await backend.sandbox.accept(provider);
  const create = (headers: Record<string, string>, name = 'Created', stepId = 'step') =>
    project.request('PUT', `/flows/${flowId}/integrations/${stepId}`, {
      body: { provider, credentials, name },
      headers,
    });
  return { create, credentials, acceptedId: id, flowId };
}

/** Returns the parts of a response that a replay must repeat. */
function comparable({ status, headers, text }: ApiResponse) {
  const names = ['content-type', 'etag', 'cache-control', 'retry-after', 'x-content-type-options'];
  return { status, text, ...Object.fromEntries(names.map((name) => [name, headers.get(name)])) };
}

const isReplay = (response: ApiResponse) => response.headers.get('idempotency-replayed');

describe('a request with an idempotency key', () => {
  test('is executed once, and its response is replayed', async () => {
    const project = await backend.createProject();
    const { create } = await prepareCreation(project);
    const headers = newKey();
    const first = await create(headers);
    const again = await create(headers);
    expect([first.status, isReplay(first), isReplay(again)]).toEqual([201, null, 'true']);
    expect(comparable(again)).toEqual(comparable(first));
    expect((await project.list()).counts.all).toBe(1);
    expect((await create(newKey())).json.id).not.toBe(first.json.id);
    expect(comparable(await create(headers))).toEqual(comparable(first));
  });

  test('can be any POST or PUT that writes', async () => {
    for (const id of OPERATIONS.filter((operation) => isIdempotent(routes[operation]))) {
      const headers = newKey();
      const request = await EXAMPLES[id](await createExampleProject(backend));
      const first = await send(backend, id, request, { headers });
      expect(first.status, id).toBeLessThan(300);
      await backend.whenIdle();
      const before = await backend.sandbox.requestCount('trello');
      const again = await send(backend, id, request, { headers });
      expect([comparable(again), isReplay(again)]).toEqual([comparable(first), 'true']);
      await backend.whenIdle();
      expect(await backend.sandbox.requestCount('trello')).toBe(before);
      expect((await send(backend, id, request, { headers: newKey() })).status).toBe(first.status);
    }
  });

  test('is refused if its key was used for another request', async () => {
    const project = await backend.createProject();
    const { create, flowId } = await prepareCreation(project);
    const headers = newKey();
    const first = await create(headers);
    const others = [
      await create(headers, 'Another name'),
      await create(headers, 'Created', 'another-step'),
      await create({ ...headers, 'if-match': '"1"' }),
      await project.request('PUT', `/flows/${flowId}`, { body: { name: 'Created' }, headers }),
      await project.request('POST', `/connections/${first.json.id}/check`, { headers }),
    ];
    for (const { status, json } of others)
      expect([status, json.code]).toEqual([422, 'idempotency_key_reused']);
    expect((await project.list()).counts.all).toBe(1);
  });

  test('is independent of the same key of another user', async () => {
    const project = await backend.createProject();
    const { create, flowId } = await prepareCreation(project);
    const headers = newKey();
    await create(headers);
    const path = `/v1/runtime/projects/${project.id}/members/olga`;
    await backend.engineRequest('PUT', path, { role: 'administrator' });
    const other = await project.request('PUT', `/flows/${flowId}`, {
      as: 'outsider',
      body: { name: 'x' },
      headers,
    });
    expect([other.status, isReplay(other)]).toEqual([200, null]);
  });

  test('is independent of the same key of the engine in another project', async () => {
    const projects = [await backend.createProject(), await backend.createProject()];
    const headers = newKey();
    for (const { id } of projects) {
      const path = `/v1/runtime/projects/${id}/members/olga`;
      const response = await backend.engineRequest('PUT', path, { role: 'member' }, headers);
      expect([response.status, isReplay(response)]).toEqual([204, null]);
    }
  });

  test('replays a refusal even if it would succeed by now', async () => {
    const project = await backend.createProject();
    const { create, credentials, acceptedId } = await prepareCreation(project);
    await backend.sandbox.revoke(acceptedId);
    const headers = newKey();
    const first = await create(headers);
    await backend.sandbox.accept('trello', { credentials });
    const again = await create(headers);
    expect([first.status, isReplay(again)]).toEqual([422, 'true']);
    expect(comparable(again)).toEqual(comparable(first));
    expect((await create(newKey())).status).toBe(201);
  });

  test('is executed again after an outage', async () => {
    const project = await backend.createProject();
    const { create } = await prepareCreation(project, 'slack');
    const headers = newKey();
    await backend.sandbox.setFault('slack', 'down');
    expect((await create(headers)).status).toBe(503);
    await backend.sandbox.setFault('slack', 'none');
    const second = await create(headers);
    expect([second.status, isReplay(second)]).toEqual([201, null]);
  });

  test('can be corrected under the same key after a validation error', async () => {
    const project = await backend.createProject();
    const { create } = await prepareCreation(project);
    const headers = newKey();
    expect(errorPaths(await create(headers, ''))).toEqual(['name']);
    expect((await create(headers)).status).toBe(201);
  });

  test('is refused while the first attempt runs, and replayed afterwards', async () => {
    const project = await backend.createProject();
    const { create } = await prepareCreation(project, 'notion');
    await backend.sandbox.setFault('notion', 'slow');
    const headers = newKey();
    const responses = await Promise.all([1, 2, 3].map(() => create(headers)));
    const codes = responses.map(({ status, json }) => [status, json.code]).toSorted();
    const inProgress = [409, 'request_in_progress'];
    expect(codes).toEqual([[201, undefined], inProgress, inProgress]);
    const refused = responses.filter(({ status }) => status === 409);
    expect(refused.map(({ headers }) => headers.get('retry-after'))).toEqual(['1', '1']);
    const first = responses.find(({ status }) => status === 201);
    expect((await create(headers)).json).toEqual(first?.json);
    expect((await project.list()).counts.all).toBe(1);
  });

  test('is not replayed to a user who lost the role', async () => {
    const project = await backend.createProject();
    const { create } = await prepareCreation(project);
    const headers = newKey();
    await create(headers);
    const path = `/v1/runtime/projects/${project.id}/members/ada`;
    await backend.engineRequest('PUT', path, { role: 'member' });
    expect((await create(headers)).json).toMatchObject({ code: 'forbidden' });
    await backend.engineRequest('DELETE', path);
    expect((await create(headers)).json).toMatchObject({ code: 'project_not_found' });
  });
});

describe('an idempotency key', () => {
  test('is 1 to 255 visible ASCII characters', async () => {
    const project = await backend.createProject();
    const saveFlow = (key: string) =>
      project.request('PUT', '/flows/f', { body: { name: 'f' }, headers: { 'idempotency-key': key } });
    for (const key of ['', 'two words', 'caf\u00e9', 'k'.repeat(256)]) {
      expect(errorPaths(await saveFlow(key)), key).toEqual(['Idempotency-Key']);
    }
    expect((await project.flows()).items).toEqual([]);
    for (const key of [`${project.id}!~`, project.id.padEnd(255, 'k')])
      expect((await saveFlow(key)).status).toBe(200);
  });

  test('is ignored by PATCH and DELETE, which are idempotent by themselves', async () => {
    const project = await backend.createProject();
    const { id, flowId, stepId } = await project.connect();
    const headers = newKey();
    for (const name of ['One', 'Two']) {
      const response = await project.request('PATCH', `/connections/${id}`, { body: { name }, headers });
      expect([response.status, response.json.name]).toEqual([200, name]);
    }
    const path = `/flows/${flowId}/integrations/${stepId}`;
    expect((await project.request('DELETE', path, { headers })).status).toBe(204);
    expect((await project.request('DELETE', path, { headers })).status).toBe(404);
  });

  test('is stored as a hash, without credentials, for a day', async () => {
    const project = await backend.createProject();
    const { create, credentials } = await prepareCreation(project);
    const headers = newKey();
    await create(headers);
    const { dynamodbUrl, tableName } = backend.session;
    const client = new DynamoDBClient({ endpoint: dynamodbUrl });
    const { Items = [] } = await client.send(
      new ScanCommand({
        TableName: tableName,
        FilterExpression: 'begins_with(pk, :p)',
        ExpressionAttributeValues: { ':p': { S: 'IDEMPOTENCY#' } },
      }),
    );
    client.destroy();
    const record = Items.find((item) => JSON.stringify(item).includes(project.id));
    const secondsLeft = Number(record?.ttl?.N) - Date.now() / 1000;
    expect(secondsLeft).toBeGreaterThan(86_400 - 60);
    expect(secondsLeft).toBeLessThanOrEqual(86_400);
    const text = JSON.stringify(Items);
    for (const secret of [...Object.values(credentials), headers['idempotency-key']]) {
      expect(text).not.toContain(secret);
    }
  });
});
