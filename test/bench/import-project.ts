import { addPeople, blocksOf, type Seeding, writesOf } from '../../local/seed/fill.ts';
import { openLocalTable } from '../../local/seed/open.ts';
import { writeAll } from '../../local/seed/write.ts';
import { tablePlace } from '../../local/table/place.ts';
import type { Action } from '../../shared/adapters/aws/table/action.ts';
import { importTable } from './import-table.ts';

/**
 * Makes a project in a data directory that has no table yet, as `npm run seed` would, but imports what its writes
 * put. What they add to, the counts, is written after that.
 */
export async function importProject(dataDir: string, seeding: Seeding): Promise<void> {
  const others: Action[] = [];
  await importTable(tablePlace(dataDir, 'sandbox'), itemsPut(seeding, others));
  const { table, close } = await openLocalTable(dataDir, 'sandbox');
  try {
    for (const action of others) await writeAll(table, [action]);
    await addPeople(table, seeding.projectId);
  } finally {
    await close();
  }
}

function* itemsPut(seeding: Seeding, others: Action[]): Generator<Record<string, unknown>> {
  for (const block of blocksOf(seeding)) {
    const { connections, flows } = writesOf(block);
    for (const action of [...connections, ...flows]) {
      if ('Put' in action && action.Put.Item) yield action.Put.Item;
      else others.push(action);
    }
  }
}
