import { dataFiles, tableNameOf } from '../../local/data-folder.ts';
import type { Table } from '../../shared/adapters/aws/table/client.ts';
import type { Action } from '../../shared/adapters/aws/table/expression.ts';
import { addMembers, blocksOf, type Seeding, writesOf } from '../../tools/seed/fill.ts';
import { openLocalTable } from '../../tools/seed/open.ts';
import { writeAll } from '../../tools/seed/write.ts';
import { importTable } from './import-table.ts';

/** Creates the project that `npm run seed` would create, in a data directory without a table. */
export async function importProject(dataDir: string, seeding: Seeding): Promise<void> {
  await importWrites(dataDir, writesOfAll(seeding), (table) => addMembers(table, seeding.projectId));
}

function* writesOfAll(seeding: Seeding): Generator<Action> {
  for (const block of blocksOf(seeding)) {
    const { connections, flows } = writesOf(block);
    yield* connections;
    yield* flows;
  }
}

/** Creates a table from writes: imports the items of puts, then executes the other writes, then `more`. */
export async function importWrites(
  dataDir: string,
  actions: Iterable<Action> | AsyncIterable<Action>,
  more: (table: Table) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const others: Action[] = [];
  const { table: dataFile } = dataFiles(dataDir, 'sandbox');
  await importTable({ dataFile, tableName: tableNameOf('sandbox') }, itemsPut(actions, others));
  const { table, close } = await openLocalTable(dataDir, 'sandbox');
  try {
    for (const action of others) await writeAll(table, [action]);
    await more(table);
  } finally {
    await close();
  }
}

async function* itemsPut(
  actions: Iterable<Action> | AsyncIterable<Action>,
  others: Action[],
): AsyncGenerator<Record<string, unknown>> {
  for await (const action of actions) {
    if ('Put' in action && action.Put.Item) yield action.Put.Item;
    else others.push(action);
  }
}
