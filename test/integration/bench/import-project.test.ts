import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { TABLE } from '../../../shared/adapters/aws/table/definition.ts';
import { fillProject } from '../../../tools/seed/fill.ts';
import { openLocalTable } from '../../../tools/seed/open.ts';
import { importProject } from '../../bench/import-project.ts';

const seeding = {
  projectId: 'same',
  connections: 70,
  inactive: 0.5,
  expiring: 0.3,
  flows: 12,
  append: false,
  seed: 'bench',
  at: new Date('2026-01-01T00:00:00Z'),
};

/** Reads the items of the table and of each index, sorted. */
async function contents(dataDir: string): Promise<Record<string, readonly string[]>> {
  const { table, close } = await openLocalTable(dataDir, 'sandbox');
  try {
    const current: Record<string, readonly string[]> = {};
    for (const IndexName of [undefined, ...TABLE.indexes.map(({ name }) => name)]) {
      const { Items = [] } = await table.client.send(new ScanCommand({ TableName: table.name, IndexName }));
      current[IndexName ?? 'table'] = Items.map((item) => JSON.stringify(sorted(item))).sort();
    }
    return current;
  } finally {
    await close();
  }
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .map(([name, inner]) => [name, sorted(inner)])
    .sort();
}

test('an imported project has the same items as one that the seeder wrote, in the table and in every index', async () => {
  const imported = mkdtempSync(join(tmpdir(), 'connections-'));
  const seeded = mkdtempSync(join(tmpdir(), 'connections-'));
  try {
    await importProject(imported, seeding);
    const { table, close } = await openLocalTable(seeded, 'sandbox');
    await fillProject(table, seeding, () => undefined);
    await close();
    const expected = await contents(seeded);
    expect(expected.table?.length).toBeGreaterThan(200);
    expect(expected['expiring-by-age']).not.toHaveLength(0);
    expect(await contents(imported)).toEqual(expected);
  } finally {
    for (const dir of [imported, seeded]) rmSync(dir, { recursive: true, force: true });
  }
});
