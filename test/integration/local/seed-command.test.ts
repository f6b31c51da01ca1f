import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLocalTable } from '../../../local/seed/open.ts';
import { readSeedOptions } from '../../../local/seed/options.ts';
import { writeSession } from '../../../local/session.ts';
import { connectionReader } from '../../../shared/adapters/aws/table/connections.ts';
import { expectStatus } from '../../fixtures/answer.ts';
import { Project, TestHouse } from '../../fixtures/house.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Runs `npm run seed -- …`, without npm. */
function seed(dataDir: string, ...args: readonly string[]) {
  const command = ['--disable-warning=ExperimentalWarning', 'local/seed/main.ts', ...args];
  const env = { ...process.env, DATA_DIR: dataDir };
  return promisify(execFile)(process.execPath, command, { cwd: ROOT, env });
}

test('takes the arguments that the contract names', () => {
  const args = ['--project', 'big', '--connections', '100000', '--inactive', '0.01'];
  expect(readSeedOptions(args, { DATA_DIR: 'data' }, new Date())).toMatchObject({
    dataDir: 'data',
    seeding: { projectId: 'big', connections: 100_000, inactive: 0.01 },
  });
});

test('fills the table of a data directory where nothing runs, and refuses in words to fill it twice', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'connections-'));
  try {
    const args = ['--project', 'still', '--connections', '60', '--inactive', '0.05'];
    const { stdout } = await seed(dataDir, ...args);
    expect(stdout).toContain('The project has 60 connections now: 57 active, 3 inactive.');
    await expect(seed(dataDir, ...args)).rejects.toMatchObject({
      code: 1,
      stderr: 'The project "still" holds 60 connections already; --append adds more.\n',
    });
    const { table, close } = await openLocalTable(dataDir, 'sandbox');
    const counts = await connectionReader(table).counts('still');
    await close();
    expect(counts).toEqual({ all: 60, active: 57, inactive: 3 });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

describe('a project seeded while local mode runs', () => {
  let house: TestHouse;
  beforeAll(async () => {
    house = await TestHouse.open();
    writeSession(house.dataDir, house.house.session);
  });
  afterAll(() => house.close());

  async function seeded(id: string, ...args: readonly string[]): Promise<Project> {
    const { stdout } = await seed(house.dataDir, '--project', id, ...args);
    expect(stdout).toContain(`Seeding the project "${id}" in the running local mode`);
    return new Project(house, id);
  }

  test('is listed by the API to both of its people and to nobody else', async () => {
    const project = await seeded('big', '--connections', '120', '--inactive', '0.1');
    const page = await project.list({ limit: '100' });
    expect(page.counts).toEqual({ all: 120, active: 108, inactive: 12 });
    expect(page.items).toHaveLength(100);
    const rest = await project.list({ limit: '100', cursor: page.nextCursor ?? '' });
    expect(rest.items).toHaveLength(20);
    expect((await project.list({ status: 'inactive' })).items).toHaveLength(12);
    expectStatus(200, await project.ask('GET', '/connections', { as: 'member' }));
    expectStatus(404, await project.ask('GET', '/connections', { as: 'outsider' }));
  });

  test('has connections that can be renamed, unlinked and so disconnected like any other', async () => {
    const project = await seeded('used', '--connections', '60');
    const { items } = await project.flows({ limit: '100' });
    const [flow] = items;
    if (!flow) throw new Error('No flow was seeded.');
    const connectionId = flow.integrations[0]?.connectionId ?? '';
    const renamed = await project.ask('PATCH', `/connections/${connectionId}`, { body: { name: 'Mine' } });
    expectStatus(200, renamed);
    const using = items.filter(({ integrations }) =>
      integrations.some((integration) => integration.connectionId === connectionId),
    );
    expect((await project.get(connectionId)).flowCount).toBe(using.length);
    for (const { id } of using) expectStatus(204, await project.ask('DELETE', `/flows/${id}`));
    expectStatus(404, await project.ask('GET', `/connections/${connectionId}`));
  });
});
