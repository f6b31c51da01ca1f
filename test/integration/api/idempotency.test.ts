import { randomUUID } from 'node:crypto';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../../shared/contract/http/index.ts';
import { isIdempotent } from '../../../shared/contract/http/route.ts';
import { type Project, TestBackend } from '../../harness/backend.ts';
import { createExampleProject, EXAMPLES, OPERATIONS, send } from '../../harness/requests.ts';
import type { ApiResponse } from '../../harness/response.ts';
import { errorPaths } from '../../harness/views.ts';

let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.open();
});
afterAll(() => backend.close());

const newKey = () => ({ 'idempotency-key': randomUUID() });

/** A request that makes a connection, and would make another each time that it is carried out. */
async function making(project: Project, provider = 'trello') {
  const flowId = await project.createFlow();
  const { credentials, id } = await backend.sandbox.accept(provider);
  const make = (headers: Record<string, string>, name = 'Made', stepId = 'step') =>
    project.request('PUT', `/flows/${flowId}/integrations/${stepId}`, {
      body: { provider, credentials, name },
      headers,
    });
  return { make, credentials, acceptance: id, flowId };
}

/** All of an answer that a client could tell. */
function told({ status, headers, text }: ApiResponse) {
  const ours = ['content-type', 'etag', 'cache-control', 'retry-after', 'x-content-type-options'];
  return { status, text, ...Object.fromEntries(ours.map((name) => [name, headers.get(name)])) };
}

const isReplay = (answer: ApiResponse) => answer.headers.get('idempotency-replayed');

describe('a request with an idempotency key', () => {
  test('is carried out once, and answered the same again', async () => {
    const project = await backend.createProject();
    const { make } = await making(project);
    const headers = newKey();
    const first = await make(headers);
    const again = await make(headers);
    expect([first.status, isReplay(first), isReplay(again)]).toEqual([201, null, 'true']);
    expect(told(again)).toEqual(told(first));
    expect((await project.list()).counts.all).toBe(1);
    expect((await make(newKey())).json.id).not.toBe(first.json.id);
    expect(told(await make(headers))).toEqual(told(first));
  });

  test('can be any that changes something by POST or PUT', async () => {
    for (const id of OPERATIONS.filter((operation) => isIdempotent(routes[operation]))) {
      const here = await createExampleProject(backend);
      const headers = newKey();
      const request = EXAMPLES[id](here);
      const first = await send(backend, id, request, { headers });
      expect(first.status, id).toBeLessThan(300);
      await backend.whenIdle();
      const before = await backend.sandbox.requestCount('trello');
      const again = await send(backend, id, request, { headers });
      expect([told(again), isReplay(again)]).toEqual([told(first), 'true']);
      await backend.whenIdle();
      expect(await backend.sandbox.requestCount('trello')).toBe(before);
      expect((await send(backend, id, request, { headers: newKey() })).status).toBe(first.status);
    }
  });

  test('is refused when its key came with another request before, whatever differs', async () => {
    const project = await backend.createProject();
    const { make, flowId } = await making(project);
    const headers = newKey();
    const first = await make(headers);
    const others = [
      await make(headers, 'Another name'),
      await make(headers, 'Made', 'another-step'),
      await make({ ...headers, 'if-match': '"1"' }),
      await project.request('PUT', `/flows/${flowId}`, { body: { name: 'Made' }, headers }),
      await project.request('POST', `/connections/${first.json.id}/check`, { headers }),
    ];
    for (const { status, json } of others)
      expect([status, json.code]).toEqual([422, 'idempotency_key_reused']);
    expect((await project.list()).counts.all).toBe(1);
  });

  test("has a key of its sender's own", async () => {
    const project = await backend.createProject();
    const { make, flowId } = await making(project);
    const headers = newKey();
    await make(headers);
    const path = `/v1/runtime/projects/${project.id}/members/olga`;
    await backend.engineRequest('PUT', path, { role: 'administrator' });
    const theirs = await project.request('PUT', `/flows/${flowId}`, {
      as: 'outsider',
      body: { name: 'x' },
      headers,
    });
    expect([theirs.status, isReplay(theirs)]).toEqual([200, null]);
  });

  test('tells a refusal again, though it would go well by now', async () => {
    const project = await backend.createProject();
    const { make, credentials, acceptance } = await making(project);
    await backend.sandbox.revoke(acceptance);
    const headers = newKey();
    const first = await make(headers);
    await backend.sandbox.accept('trello', { credentials });
    const again = await make(headers);
    expect([first.status, isReplay(again)]).toEqual([422, 'true']);
    expect(told(again)).toEqual(told(first));
    expect((await make(newKey())).status).toBe(201);
  });

  test('is carried out anew after an outage', async () => {
    const project = await backend.createProject();
    const { make } = await making(project, 'slack');
    const headers = newKey();
    await backend.sandbox.setFault('slack', 'down');
    expect((await make(headers)).status).toBe(503);
    await backend.sandbox.setFault('slack', 'none');
    const second = await make(headers);
    expect([second.status, isReplay(second)]).toEqual([201, null]);
  });

  test('can be mended and sent under the same key, where it had faults', async () => {
    const project = await backend.createProject();
    const { make } = await making(project);
    const headers = newKey();
    expect(errorPaths(await make(headers, ''))).toEqual(['name']);
    expect((await make(headers)).status).toBe(201);
  });

  test('is refused while the first one runs, and answered with its answer afterwards', async () => {
    const project = await backend.createProject();
    const { make } = await making(project, 'notion');
    await backend.sandbox.setFault('notion', 'slow');
    const headers = newKey();
    const responses = await Promise.all([1, 2, 3].map(() => make(headers)));
    const codes = responses.map(({ status, json }) => [status, json.code]).toSorted();
    const running = [409, 'request_in_progress'];
    expect(codes).toEqual([[201, undefined], running, running]);
    const first = responses.find(({ status }) => status === 201);
    expect((await make(headers)).json).toEqual(first?.json);
    expect((await project.list()).counts.all).toBe(1);
  });

  test('does not see the answers of a role that it lost', async () => {
    const project = await backend.createProject();
    const { make } = await making(project);
    const headers = newKey();
    await make(headers);
    const path = `/v1/runtime/projects/${project.id}/members/ada`;
    await backend.engineRequest('PUT', path, { role: 'member' });
    expect((await make(headers)).json).toMatchObject({ code: 'forbidden' });
    await backend.engineRequest('DELETE', path);
    expect((await make(headers)).json).toMatchObject({ code: 'project_not_found' });
  });
});

describe('an idempotency key', () => {
  test('is 1 to 255 visible ASCII characters', async () => {
    const project = await backend.createProject();
    const ask = (key: string) =>
      project.request('PUT', '/flows/f', { body: { name: 'f' }, headers: { 'idempotency-key': key } });
    for (const key of ['', 'two words', 'caf\u00e9', 'k'.repeat(256)]) {
      expect(errorPaths(await ask(key)), key).toEqual(['Idempotency-Key']);
    }
    expect((await project.flows()).items).toEqual([]);
    for (const key of [`${project.id}!~`, project.id.padEnd(255, 'k')])
      expect((await ask(key)).status).toBe(200);
  });

  test('means nothing where a request is idempotent by itself', async () => {
    const project = await backend.createProject();
    const { id, flowId, stepId } = await project.connect();
    const headers = newKey();
    for (const name of ['One', 'Two']) {
      const answer = await project.request('PATCH', `/connections/${id}`, { body: { name }, headers });
      expect([answer.status, answer.json.name]).toEqual([200, name]);
    }
    const path = `/flows/${flowId}/integrations/${stepId}`;
    expect((await project.request('DELETE', path, { headers })).status).toBe(204);
    expect((await project.request('DELETE', path, { headers })).status).toBe(404);
  });

  test('is kept with nothing secret, and without itself', async () => {
    const project = await backend.createProject();
    const { make, credentials } = await making(project);
    const headers = newKey();
    await make(headers);
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
    const kept = Number(record?.ttl?.N) - Date.now() / 1000;
    expect(kept).toBeGreaterThan(86_400 - 60);
    expect(kept).toBeLessThanOrEqual(86_400);
    const text = JSON.stringify(Items);
    for (const secret of [...Object.values(credentials), headers['idempotency-key']]) {
      expect(text).not.toContain(secret);
    }
  });
});
