import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSeedOptions } from '../../../local/seed/options.ts';
import { Project, TestBackend } from '../../harness/backend.ts';
import { AS_SEEDED, outcomes, seed } from './seeding.ts';

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
    const backend = await TestBackend.open(dataDir);
    const project = new Project(backend, 'still');
    expect((await project.list()).counts).toEqual({ all: 60, active: 57, inactive: 3 });
    expect(await outcomes(project)).toMatchObject(AS_SEEDED);
    await backend.close();
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
