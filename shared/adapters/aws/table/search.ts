import type { Connection, ConnectionQuery } from '../../../domain/model/connection.ts';
import type { Page } from '../../../domain/paging.ts';
import { batchGet } from './batch-get.ts';
import type { Table } from './client.ts';
import { type Item, searchKey, textOf } from './items.ts';
import { foldedNameOf, type Key, parseProjectSk, projectPk, searchFacets } from './keys.ts';
import { positionOf, startKeyOf } from './list.ts';
import { hydrateUntilFull, type Range, readChunk } from './query.ts';
import { toConnection } from './stored-connection.ts';

/** Names of the first read: with a frequent match, or in most projects, there is no second one. */
const FIRST_NAMES = 1_250;
/**
 * Names of each further read. DynamoDB ends a read at 1 MB before, since a name takes some 145 bytes with its keys. Without
 * a limit the engine of local mode fetches all names to the end of the project before it stops at 1 MB.
 */
const MORE_NAMES = 10_000;
/**
 * Read units after which a search reads no more names. The last read may take 128 more, the matches of the largest page
 * 51, so that a search stays below 600, and five at once below the 3,000 a second of one partition.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
 */
const MAX_NAME_UNITS = 400;

/**
 * Searches a page of connections whose folded name contains `part`: reads the names, which are narrow, then the matches.
 *
 * Only the first 1,250 names are read for a request that is then refused. A page is shorter than `limit`, with a position
 * to continue at, once its names have consumed 400 read units (docs/decisions/0021).
 */
export async function searchConnections(
  table: Table,
  query: ConnectionQuery,
  part: string,
): Promise<Page<Connection>> {
  if (query.expiring && query.status === 'inactive') return { items: [], next: null };
  const wanted = query.limit + 1;
  const found: Item[] = [];
  let { after } = query;
  let consumed = 0;
  do {
    const limit = consumed === 0 ? FIRST_NAMES : MORE_NAMES;
    const names = await readNames(table, { ...query, after }, part, limit);
    await query.authorized;
    found.push(
      ...(await loadMatches(table, query, part, { keys: names.keys, count: wanted - found.length })),
    );
    consumed += names.readUnits;
    after = names.next;
  } while (after !== null && found.length < wanted && consumed < MAX_NAME_UNITS);
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  const next = found.length > query.limit && last ? positionOf(last, query) : after;
  return { items: page.map((item) => toConnection(item, query.projectId)), next };
}

/** Reads names once. Returns the keys of the matching ones, and the position of the last name; null at the end. */
async function readNames(table: Table, query: ConnectionQuery, part: string, limit: number) {
  const { items, lastKey, readUnits } = await readChunk(table, namesRange(query, part), limit);
  const pk = projectPk(query.projectId);
  const keys = items.map((item): Key => ({ pk, sk: textOf(item, 'sk') }));
  return { keys, next: lastKey === undefined ? null : positionAt(lastKey), readUnits };
}

function positionAt(lastKey: unknown): string {
  const { sk, nameKey } = searchKey.parse(lastKey);
  return nameKey ?? parseProjectSk(sk).id;
}

function namesRange(query: ConnectionQuery, part: string): Range {
  const { projectId, sort } = query;
  const byName = sort === 'name';
  const partition = byName ? (['pk', projectPk(projectId)] as const) : (['searchKey', projectId] as const);
  const facets = searchFacets(query).map((facet) => ['facets', facet] as const);
  return {
    index: byName ? 'names-by-name' : 'names-by-age',
    partition,
    order: query.order,
    startKey: startKeyOf(query, partition),
    containing: [['foldedName', part], ...facets],
    attributes: ['sk'],
  };
}

/** Loads the first `count` connections of names that still match, in the order of the list. */
function loadMatches(
  table: Table,
  query: ConnectionQuery,
  part: string,
  { keys, count }: { readonly keys: readonly Key[]; readonly count: number },
): Promise<readonly Item[]> {
  return hydrateUntilFull(keys.values(), count, async (next) => {
    const items = await batchGet(table, next, { attributes: ['summary', 'nameKey'] });
    const matches = items.filter((item) => foldedNameOf(textOf(item, 'nameKey')).includes(part));
    return inOrder(matches, query);
  });
}

function inOrder(items: readonly Item[], query: ConnectionQuery): Item[] {
  const sign = query.order === 'asc' ? 1 : -1;
  return items.toSorted((a, b) => sign * byBytes(positionOf(a, query), positionOf(b, query)));
}

/** Compares as DynamoDB orders keys, which differs from JavaScript's order of UTF-16 units. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}
