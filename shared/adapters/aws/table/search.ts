import type { Connection } from '../../../domain/connections/connection.ts';
import type { ConnectionQuery } from '../../../domain/connections/reader.ts';
import type { Page } from '../../../domain/paging.ts';
import { getAll } from './batch.ts';
import type { Table } from './client.ts';
import { facetItem } from './items.ts';
import { foldedNameOf, type Key, listKeys, projectPk } from './keys.ts';
import { listRange } from './list.ts';
import { positionOf, startKeyOf } from './position.ts';
import { hydrateUntilFull, type Range, query as read } from './query.ts';
import { type NamedSummary, summaryByName } from './summaries.ts';

/** How far a search reads the full list before it turns to the names alone. */
const FULL_READS = 250;
/** How many names are read first, and how many times as many with each read while the page is not full. */
const FIRST_NAMES = 500;
const NAMES_GROWTH = 2;

/**
 * A page of the connections whose folded name contains `part`.
 *
 * It reads the list itself first: where matches are frequent, or the project small, the page is full or the
 * list at its end before long, and nothing was read in vain. Where they are rare it goes on with the names,
 * a narrow index, and gets what it found. Both stand in the same order, so one position serves for both.
 */
export async function searchConnections(
  table: Table,
  query: ConnectionQuery,
  part: string,
): Promise<Page<Connection>> {
  const wanted = query.limit + 1;
  const summary = await searchList(table, query, part, wanted);
  if (summary.found.length >= wanted || summary.after === null) return pageOf(summary.found, query);
  const rest = { ...query, after: summary.after };
  const rare = await searchRest(table, rest, part, wanted - summary.found.length);
  return pageOf([...summary.found, ...rare], query);
}

/** Matches within the first reads of the list; `after` tells where it stopped, null at the list's end. */
async function searchList(table: Table, query: ConnectionQuery, part: string, wanted: number) {
  const range = listRange(query);
  const found: NamedSummary[] = [];
  if (!range) return { found, after: null };
  let reads = 0;
  for await (const item of read(table, range, Math.min(FULL_READS, wanted * 2))) {
    const one = summaryByName(item);
    reads += 1;
    if (one.foldedName.includes(part)) found.push(one);
    if (found.length >= wanted || reads >= FULL_READS) return { found, after: positionOf(one, query) };
  }
  return { found, after: null };
}

/** Matches by the names alone. */
function searchRest(table: Table, query: ConnectionQuery, part: string, wanted: number) {
  return hydrateUntilFull(searchNames(table, query, part), wanted, async (keys) => {
    const items = (await getAll(table, keys)).map(summaryByName);
    return inOrder(
      items.filter(({ foldedName }) => foldedName.includes(part)),
      query,
    );
  });
}

async function* searchNames(table: Table, query: ConnectionQuery, part: string): AsyncGenerator<Key> {
  for await (const item of read(table, namesRange(query, part), FIRST_NAMES, NAMES_GROWTH)) {
    const { pk, sk, nameKey } = facetItem.parse(item);
    // Where the database looked at all, it looked at the whole key, which ends in the id.
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
    // A filter cannot name a key of its own index; what is read costs the same with a filter and without.
    ...(sort !== 'name' && { containing: ['nameKey', part] }),
  };
}

function pageOf(found: readonly NamedSummary[], query: ConnectionQuery): Page<Connection> {
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  const next = found.length > query.limit && last ? positionOf(last, query) : null;
  return { items: page.map(({ connection }) => connection), next };
}

function inOrder(summary: readonly NamedSummary[], query: ConnectionQuery): NamedSummary[] {
  const sign = query.order === 'asc' ? 1 : -1;
  return summary.toSorted((a, b) => sign * byBytes(positionOf(a, query), positionOf(b, query)));
}

/** The order of DynamoDB's keys, which is not that of JavaScript's UTF-16 units. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}
