import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSession } from '../../../local/session.ts';
import { Project, TestBackend } from '../../harness/backend.ts';
import { expectStatus } from '../../harness/response.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Runs `npm run seed -- …`, without npm. */
function seed(dataDir: string, ...args: readonly string[]) {
  const command = ['--disable-warning=ExperimentalWarning', 'tools/seed/main.ts', ...args];
  const env = { ...process.env, DATA_DIR: dataDir };
  return promisify(execFile)(process.execPath, command, { cwd: ROOT, env });
}

/** Checks a connection of each status, and expects the provider to accept the active one alone. */
async function expectCheckable(project: Project): Promise<void> {
  const check = async (status: 'active' | 'inactive') => {
    const [connection] = (await project.list({ status, limit: '1' })).items;
    const response = await project.request('POST', `/connections/${connection?.id}/check`);
    expectStatus(200, response);
    return response.json;
  };
  expect([await check('active'), await check('inactive')]).toMatchObject([
    { check: { outcome: 'ok' }, connection: { status: 'active' } },
    { check: { outcome: 'rejected' }, connection: { status: 'inactive' } },
  ]);
}

const AT_REST = ['--project', 'at-rest', '--connections', '60', '--inactive', '0.05'];
let backend: TestBackend;
let outputAtRest: string;
beforeAll(async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'connections-'));
  outputAtRest = (await seed(dataDir, ...AT_REST)).stdout;
  backend = await TestBackend.open(dataDir);
  writeSession(dataDir, backend.session);
});
afterAll(() => backend.close());

describe('a project seeded before local mode starts', () => {
  test('has connections that can be listed and checked', async () => {
    expect(outputAtRest).toContain('The project has 60 connections now: 57 active, 3 inactive.');
    const project = new Project(backend, 'at-rest');
    expect((await project.list()).counts).toEqual({ all: 60, active: 57, inactive: 3 });
    await expectCheckable(project);
  });

  test('is not filled twice', async () => {
    await expect(seed(backend.dataDir, ...AT_REST)).rejects.toMatchObject({
      code: 1,
      stderr: 'The project "at-rest" has 60 connections already; --append adds more.\n',
    });
  });
});

describe('a project seeded while local mode runs', () => {
  async function seeded(id: string, ...args: readonly string[]): Promise<Project> {
    const { stdout } = await seed(backend.dataDir, '--project', id, ...args);
    expect(stdout).toContain(`Seeding the project "${id}" in the running local mode`);
    return new Project(backend, id);
  }

  test('is listed by the API to its members and to nobody else', async () => {
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
    await expectCheckable(await seeded('checked', '--connections', '60', '--inactive', '0.1'));
  });

  test('has connections that can be renamed, unlinked and so disconnected like any other', async () => {
    const project = await seeded('used', '--connections', '60');
    const { items } = await project.flows({ limit: '100' });
    const connectionId = items[0]?.integrations[0]?.connectionId ?? '';
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
