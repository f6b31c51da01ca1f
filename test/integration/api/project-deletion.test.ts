import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { USERS } from '../../../local/users.ts';
import { openTable } from '../../../shared/adapters/aws/table/client.ts';
import { type Project, TestBackend } from '../../harness/backend.ts';
import { expectStatus } from '../../harness/response.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

const DAY_MS = 24 * 60 * 60_000;
const runtime = ({ id }: Pick<Project, 'id'>) => `/v1/runtime/projects/${id}`;

async function deleteProject(project: Project): Promise<Readonly<Record<string, unknown>>> {
  const response = await backend.engineRequest('DELETE', runtime(project));
  expectStatus(202, response);
  return response.json;
}

/** Runs the schedule as if so many days had passed, and waits for the workers of the stream. */
async function runAfter(days: number): Promise<void> {
  await backend.runSchedule('advance-deletions', new Date(Date.now() + days * DAY_MS + 1_000).toISOString());
  await backend.whenIdle();
}

async function statusOf(project: Project): Promise<unknown> {
  const { status, json } = await backend.engineRequest('GET', `${runtime(project)}/deletion`);
  return status === 200 ? json.status : json.code;
}

/** Returns the keys of all items that name the project or its connections. */
async function itemsOf({ id }: Project, connectionIds: readonly string[]): Promise<readonly string[]> {
  const table = openTable(backend.session.tableName);
  const { Items = [] } = await table.client.send(new ScanCommand({ TableName: table.name }));
  table.client.destroy();
  return Items.filter((item) => [id, ...connectionIds].some((name) => JSON.stringify(item).includes(name)))
    .filter(({ ttl }) => ttl === undefined)
    .map(({ pk, sk }) => `${pk} ${sk}`);
}

const events = z.object({
  items: z.array(z.looseObject({ detail: z.looseObject({ projectId: z.string() }) })),
});

async function eventsOf({ id }: Project) {
  const response = await fetch(`${backend.session.apiUrl}/local/events`);
  return events.parse(await response.json()).items.filter(({ detail }) => detail.projectId === id);
}

describe('a deleted project', () => {
  test('is refused to users and to the engine from the request on, and no other project is', async () => {
    const [project, other] = [await backend.createProject(), await backend.createProject()];
    const [{ id, flowId }, kept] = [await project.connect(), await other.connect()];
    const deletion = await deleteProject(project);
    expect(deletion).toMatchObject({ projectId: project.id, status: 'disabling', processed: 0 });
    const refused = [
      await project.request('GET', '/connections'),
      await project.request('DELETE', `/flows/${flowId}`),
      await backend.engineRequest('POST', `${runtime(project)}/connections/${id}/credentials`),
      await backend.engineRequest('POST', `${runtime(project)}/connections/${id}/failures`, { status: 401 }),
      await backend.engineRequest('PUT', `${runtime(project)}/members/ada`, { role: 'member' }),
    ];
    expect(refused.map(({ status, json }) => `${status} ${json.code}`)).toEqual(
      refused.map(() => '404 project_not_found'),
    );
    const mine = (await backend.request('GET', '/v1/projects')).json.items;
    expect(mine).not.toContainEqual(expect.objectContaining({ projectId: project.id }));
    expect(mine).toContainEqual(expect.objectContaining({ projectId: other.id }));
    const issued = await backend.engineRequest(
      'POST',
      `${runtime(other)}/connections/${kept.id}/credentials`,
    );
    expectStatus(200, issued);
    expect(await deleteProject(project)).toEqual(deletion);
  });

  test('is checked no more, once the schedule disabled its connections', async () => {
    const project = await backend.createProject();
    await project.connect({ provider: 'notion' });
    const check = async () => {
      const before = await backend.sandbox.requestCount('notion');
      for (const minute of Array.from({ length: 60 }, (_, index) => index)) {
        const at = new Date(Date.now() + minute * 60_000).toISOString();
        await backend.runSchedule('enqueue-due-checks', at);
      }
      await backend.whenIdle();
      return (await backend.sandbox.requestCount('notion')) - before;
    };
    await deleteProject(project);
    await runAfter(0);
    expect(await statusOf(project)).toBe('disabled');
    expect(await check()).toBe(0);
  });

  test('is as it was after a restore, and its connections work', async () => {
    const project = await backend.createProject();
    const { id } = await project.authorize({ provider: 'box' });
    const before = [await project.get(id), await project.flows(), await project.history(id)];
    await deleteProject(project);
    await runAfter(1);
    expectStatus(202, await backend.engineRequest('POST', `${runtime(project)}/restore`));
    await runAfter(1);
    expect(await statusOf(project)).toBe('deletion_not_found');
    expect([await project.get(id), await project.flows(), await project.history(id)]).toEqual(before);
    const check = await project.request('POST', `/connections/${id}/check`);
    expect(check.json.check).toMatchObject({ outcome: 'ok' });
    const credentials = `${runtime(project)}/connections/${id}/credentials`;
    expectStatus(200, await backend.engineRequest('POST', credentials));
  });

  test('can be deleted again during a restore', async () => {
    const project = await backend.createProject();
    const { id } = await project.connect();
    await deleteProject(project);
    expectStatus(202, await backend.engineRequest('POST', `${runtime(project)}/restore`));
    expect(await deleteProject(project)).toMatchObject({ status: 'disabling' });
    await runAfter(0);
    expect(await statusOf(project)).toBe('disabled');
    const credentials = `${runtime(project)}/connections/${id}/credentials`;
    expectStatus(404, await backend.engineRequest('POST', credentials));
  });

  test('leaves nothing after its recovery window but one event, and its grants are revoked', async () => {
    const project = await backend.createProject();
    const { id } = await project.authorize({ provider: 'dropbox' });
    const past = await project.connect();
    expectStatus(204, await project.unlink(past.flowId, past.stepId));
    const alive = async () => (await backend.sandbox.grants('dropbox')).filter((grant) => grant.alive).length;
    await deleteProject(project);
    await runAfter(0);
    expect(await alive()).toBe(1);
    await runAfter(7);
    expect(await alive()).toBe(0);
    expect(await statusOf(project)).toBe('removed');
    const restored = await backend.engineRequest('POST', `${runtime(project)}/restore`);
    expect(restored.json.code).toBe('project_not_restorable');
    await runAfter(9);
    expect(await statusOf(project)).toBe('deletion_not_found');
    expect(await itemsOf(project, [id, past.id])).toEqual([]);
    const types = (await eventsOf(project)).map((event) => event['detail-type']);
    expect(types.filter((type) => type === 'project.deleted')).toHaveLength(1);
    expect(types.filter((type) => type === 'connection.disconnected')).toHaveLength(1);
    expect((await backend.engineRequest('DELETE', runtime(project))).json.code).toBe('project_not_found');
  });

  test('lets a member leave, who is not a member after the restore', async () => {
    const project = await backend.createProject();
    await deleteProject(project);
    expectStatus(
      204,
      await backend.engineRequest('DELETE', `${runtime(project)}/members/${USERS.member.id}`),
    );
    expectStatus(202, await backend.engineRequest('POST', `${runtime(project)}/restore`));
    await runAfter(0);
    expectStatus(200, await project.request('GET', '/connections'));
    expectStatus(404, await project.request('GET', '/connections', { as: 'member' }));
  });
});

test('a project of which nothing is stored is not found', async () => {
  const path = '/v1/runtime/projects/nothing';
  expect((await backend.engineRequest('DELETE', path)).json.code).toBe('project_not_found');
  expect((await backend.engineRequest('POST', `${path}/restore`)).json.code).toBe('deletion_not_found');
});
