import type { Connection, ConnectionQuery } from '../../../domain/model/connection.ts';
import type { Page } from '../../../domain/paging.ts';
import { batchGet } from './batch-get.ts';
import type { Table } from './client.ts';
import { searchItem } from './items.ts';
import { foldedNameOf, type Key, listKeys, projectPk } from './keys.ts';
import { listRange, type NamedSummary, positionOf, startKeyOf, toNamedSummary } from './list.ts';
import { hydrateUntilFull, query as queryRange, type Range } from './query.ts';

/** Items of the list that a search reads before it continues with the names index. */
const MAX_LIST_ITEMS = 250;
/** Names of the first read, and the factor by which each later read may grow while the page is not full. */
const FIRST_NAMES = 500;
const NAMES_GROWTH = 2;

/**
 * Searches a page of connections whose folded name contains `part`.
 *
 * It first reads the list itself: with frequent matches, or in a small project, the page is soon full or the list at its
 * end. With rare matches it continues with the names index, which is narrow, and loads the matches. Both have the same
 * order, so that a position is valid for both.
 */
export async function searchConnections(
  table: Table,
  query: ConnectionQuery,
  part: string,
): Promise<Page<Connection>> {
  const wanted = query.limit + 1;
  const inList = await searchList(table, query, part, wanted);
  if (inList.found.length >= wanted || inList.after === null) return pageOf(inList.found, query);
  const rest = { ...query, after: inList.after };
  const rare = await searchRest(table, rest, part, wanted - inList.found.length);
  return pageOf([...inList.found, ...rare], query);
}

/** Returns the matches in the first items of the list, and the position where it stopped; null at the list's end. */
async function searchList(table: Table, query: ConnectionQuery, part: string, wanted: number) {
  const range = listRange(query);
  const found: NamedSummary[] = [];
  if (!range) return { found, after: null };
  let reads = 0;
  for await (const item of queryRange(table, range, Math.min(MAX_LIST_ITEMS, wanted * 2))) {
    const one = toNamedSummary(item, query);
    reads += 1;
    if (one.foldedName.includes(part)) found.push(one);
    if (found.length >= wanted || reads >= MAX_LIST_ITEMS) return { found, after: positionOf(one, query) };
  }
  return { found, after: null };
}

/** Returns the matches by the names index. */
function searchRest(table: Table, query: ConnectionQuery, part: string, wanted: number) {
  return hydrateUntilFull(searchNames(table, query, part), wanted, async (keys) => {
    const items = (await batchGet(table, keys)).map((item) => toNamedSummary(item, query));
    return inOrder(
      items.filter(({ foldedName }) => foldedName.includes(part)),
      query,
    );
  });
}

async function* searchNames(table: Table, query: ConnectionQuery, part: string): AsyncGenerator<Key> {
  for await (const item of queryRange(table, namesRange(query, part), FIRST_NAMES, NAMES_GROWTH)) {
    const { pk, sk, nameKey } = searchItem.parse(item);
    // The filter saw the whole key, which ends in the id.
    if (foldedNameOf(nameKey).includes(part)) yield { pk, sk };
  }
}

function namesRange(query: ConnectionQuery, part: string): Range {
  const { projectId, sort, status, providerId, expiring } = query;
  const partition = ['pk', projectPk(projectId)] as const;
  return {
    index: sort === 'name' ? 'names-by-name' : 'names-by-age',
    partition,
    order: query.order,
    startKey: startKeyOf(query, partition, { keyedById: sort !== 'name' }),
    equal: {
      ...(status && { statusKey: listKeys.status(projectId, status) }),
      ...(providerId && { providerKey: listKeys.provider(projectId, providerId) }),
      ...(expiring && { expiringKey: listKeys.expiring(projectId) }),
    },
    // A filter cannot name a key of its own index. Reading costs the same with and without the filter.
    ...(sort !== 'name' && { containing: ['nameKey', part] }),
  };
}

function pageOf(found: readonly NamedSummary[], query: ConnectionQuery): Page<Connection> {
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  const next = found.length > query.limit && last ? positionOf(last, query) : null;
  return { items: page.map(({ connection }) => connection), next };
}

function inOrder(summaries: readonly NamedSummary[], query: ConnectionQuery): NamedSummary[] {
  const sign = query.order === 'asc' ? 1 : -1;
  return summaries.toSorted((a, b) => sign * byBytes(positionOf(a, query), positionOf(b, query)));
}

/** Compares as DynamoDB orders keys, which differs from JavaScript's order of UTF-16 units. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}
