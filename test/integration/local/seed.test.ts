import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectionReader } from '../../../shared/adapters/aws/table/connections.ts';
import { flowReader } from '../../../shared/adapters/aws/table/flows.ts';
import { roleReader } from '../../../shared/adapters/aws/table/members.ts';
import type { Connection } from '../../../shared/domain/model/connection.ts';
import type { Flow } from '../../../shared/domain/model/flow.ts';
import { fillProject, type Seeding } from '../../../tools/seed/fill.ts';
import { type OpenTable, openLocalTable } from '../../../tools/seed/open.ts';
import { readSeedOptions } from '../../../tools/seed/options.ts';

const NOW = new Date('2026-03-01T10:00:00Z');

let dataDir: string;
let open: OpenTable;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'connections-'));
  open = await openLocalTable(dataDir, 'sandbox');
});
afterAll(async () => {
  await open.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function seedingOf(...args: string[]): Seeding {
  const options = readSeedOptions(args, {}, NOW);
  if (!options) throw new Error('The arguments ask for help.');
  return options.seeding;
}

const fill = (seeding: Seeding) => fillProject(open.table, seeding, () => undefined);

async function allConnections(projectId: string, filter: { expiring?: boolean } = {}): Promise<Connection[]> {
  const { list } = connectionReader(open.table);
  const found: Connection[] = [];
  let after: string | null = null;
  do {
    const query = { projectId, ...filter, sort: 'connectedAt', order: 'asc', limit: 100, after } as const;
    const { items, next } = await list(query);
    found.push(...items);
    after = next;
  } while (after !== null);
  return found;
}

async function allFlows(projectId: string): Promise<Flow[]> {
  const { list } = flowReader(open.table);
  const found: Flow[] = [];
  let after: string | null = null;
  do {
    const { items, next } = await list(projectId, { limit: 100, after });
    found.push(...items);
    after = next;
  } while (after !== null);
  return found;
}

describe('seeding a project', () => {
  test('makes as many as asked for, and counts that say so exactly', async () => {
    const seeding = seedingOf(
      '--project',
      'exact',
      '--connections',
      '130',
      '--inactive',
      '0.1',
      '--flows',
      '20',
    );
    const seeded = await fill(seeding);
    const connections = await allConnections('exact');
    expect(connections).toHaveLength(130);
    expect(connections.filter(({ status }) => status === 'inactive')).toHaveLength(13);
    const { counts } = await roleReader(open.table).read({ projectId: 'exact' });
    expect(counts).toEqual({ all: 130, active: 117, inactive: 13 });
    expect(seeded).toMatchObject({ connections: 130, flows: 20, counts: { all: 130 } });
  });

  test('has each connection in exactly as many flows as it counts, and in at least one', async () => {
    await fill(seedingOf('--project', 'flows', '--connections', '120'));
    const flows = await allFlows('flows');
    const uses = Map.groupBy(
      flows.flatMap(({ id, integrations }) => [
        ...new Set(integrations.map(({ connectionId }) => `${connectionId} ${id}`)),
      ]),
      (use) => use.split(' ')[0] ?? '',
    );
    expect(flows).toHaveLength(40);
    for (const { id, flowCount } of await allConnections('flows')) {
      expect(flowCount).toBeGreaterThan(0);
      expect(uses.get(id)).toHaveLength(flowCount);
      const using = await flowReader(open.table).listUsing(
        { projectId: 'flows', connectionId: id },
        { limit: 100, after: null },
      );
      expect(using.items).toHaveLength(flowCount);
    }
  });

  test('lists as expiring the asked-for share of the active ones', async () => {
    const args = ['--connections', '100', '--inactive', '0.5', '--expiring', '0.2'];
    await fill(seedingOf('--project', 'expiring', ...args));
    const expiring = await allConnections('expiring', { expiring: true });
    expect(expiring).toHaveLength(10);
    expect(expiring.every(({ status }) => status === 'active')).toBe(true);
  });

  test('makes the demo users its administrator and its member', async () => {
    await fill(seedingOf('--project', 'members', '--connections', '1'));
    const { read } = roleReader(open.table);
    expect(await read({ projectId: 'members', userId: 'ada' })).toMatchObject({ role: 'administrator' });
    expect(await read({ projectId: 'members', userId: 'max' })).toMatchObject({ role: 'member' });
  });

  test('refuses a project that holds connections, and adds others to it when asked', async () => {
    const args = ['--project', 'twice', '--connections', '60', '--inactive', '0.5'];
    await fill(seedingOf(...args));
    await expect(fill(seedingOf(...args))).rejects.toThrow('has 60 connections already; --append adds more');
    const seeded = await fill(seedingOf(...args, '--append'));
    expect(seeded.counts).toEqual({ all: 120, active: 60, inactive: 60 });
    expect(new Set((await allConnections('twice')).map(({ id }) => id)).size).toBe(120);
  });

  test('makes the same data of the same arguments', async () => {
    const seeding = seedingOf('--project', 'same', '--connections', '70');
    await fill(seeding);
    const otherDir = mkdtempSync(join(tmpdir(), 'connections-'));
    const first = await allConnections('same');
    const other = await openLocalTable(otherDir, 'sandbox');
    try {
      await fillProject(other.table, seeding, () => undefined);
      const query = {
        projectId: 'same',
        sort: 'connectedAt',
        order: 'asc',
        limit: 100,
        after: null,
      } as const;
      expect((await connectionReader(other.table).list(query)).items).toEqual(first);
    } finally {
      await other.close();
      rmSync(otherDir, { recursive: true, force: true });
    }
  });
});

describe('the arguments', () => {
  test('are those of the contract', () => {
    const args = ['--project', 'big', '--connections', '100000', '--inactive', '0.01'];
    expect(readSeedOptions(args, { DATA_DIR: 'data' }, NOW)).toMatchObject({
      dataDir: 'data',
      seeding: { projectId: 'big', connections: 100_000, inactive: 0.01 },
    });
  });

  test.each([
    [['--connections', '5'], '--project is missing'],
    [['--project', 'a b', '--connections', '5'], '--project is 1 to 128 characters'],
    [['--project', 'a'], '--connections is missing'],
    [['--project', 'a', '--connections', '0'], '--connections is a whole number from 1 to 1000000, not "0"'],
    [
      ['--project', 'a', '--connections', '5', '--inactive', '1.5'],
      '--inactive is a share from 0 to 1, not "1.5"',
    ],
    [['--project', 'a', '--connections', '500', '--flows', '9'], '--flows is a whole number from 10'],
    [['--project', 'a', '--connections', '5', '--at', 'noon'], '--at is a time such as'],
    [['--project', 'a', '--connections', '5', '--sort', 'x'], "Unknown option '--sort'"],
  ])('%j are refused with a message', (args, words) => {
    expect(() => readSeedOptions(args, {}, NOW)).toThrow(words);
  });
});
