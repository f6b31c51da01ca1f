import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSession } from '../../../local/session.ts';
import { Project, TestBackend } from '../../harness/backend.ts';
import { expectStatus } from '../../harness/response.ts';
import { AS_SEEDED, outcomes, seed } from './seeding.ts';

describe('a project seeded while local mode runs', () => {
  let backend: TestBackend;
  beforeAll(async () => {
    backend = await TestBackend.open();
    writeSession(backend.dataDir, backend.session);
  });
  afterAll(() => backend.close());

  async function seeded(id: string, ...args: readonly string[]): Promise<Project> {
    const { stdout } = await seed(backend.dataDir, '--project', id, ...args);
    expect(stdout).toContain(`Seeding the project "${id}" in the running local mode`);
    return new Project(backend, id);
  }

  test('is listed by the API to both of its people and to nobody else', async () => {
    const project = await seeded('big', '--connections', '120', '--inactive', '0.1');
    const page = await project.list({ limit: '100' });
    expect(page.counts).toEqual({ all: 120, active: 108, inactive: 12 });
    expect(page.items).toHaveLength(100);
    const rest = await project.list({ limit: '100', cursor: page.nextCursor ?? '' });
    expect(rest.items).toHaveLength(20);
    expect((await project.list({ status: 'inactive' })).items).toHaveLength(12);
    expectStatus(200, await project.request('GET', '/connections', { as: 'member' }));
    expectStatus(404, await project.request('GET', '/connections', { as: 'outsider' }));
  });

  test('has connections that providers accept, but for the inactive ones', async () => {
    const project = await seeded('checked', '--connections', '60', '--inactive', '0.1');
    expect(await outcomes(project)).toMatchObject(AS_SEEDED);
  });

  test('has connections that can be renamed, unlinked and so disconnected like any other', async () => {
    const project = await seeded('used', '--connections', '60');
    const { items } = await project.flows({ limit: '100' });
    const [flow] = items;
    if (!flow) throw new Error('No flow was seeded.');
    const connectionId = flow.integrations[0]?.connectionId ?? '';
    const renamed = await project.request('PATCH', `/connections/${connectionId}`, {
      body: { name: 'Mine' },
    });
    expectStatus(200, renamed);
    const using = items.filter(({ integrations }) =>
      integrations.some((integration) => integration.connectionId === connectionId),
    );
    expect((await project.get(connectionId)).flowCount).toBe(using.length);
    for (const { id } of using) expectStatus(204, await project.request('DELETE', `/flows/${id}`));
    expectStatus(404, await project.request('GET', `/connections/${connectionId}`));
  });
});
