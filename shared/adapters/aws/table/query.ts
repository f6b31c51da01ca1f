import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from './client.ts';
import type { IndexName } from './definition.ts';
import { Expression } from './expression.ts';

/** A range of one partition, of the table or of an index. */
export interface Range {
  readonly index?: IndexName;
  /** The attribute and the value of the partition key. */
  readonly partition: readonly [attribute: string, value: string];
  /** The attribute of the sort key and its bounds, both inclusive. */
  readonly sort?: readonly [attribute: string, from: string, to: string];
  readonly order?: 'asc' | 'desc';
  readonly startKey?: Readonly<Record<string, string>> | undefined;
  readonly consistent?: boolean;
  /** The attributes to read; all of them by default. */
  readonly attributes?: readonly string[];
  /** Filters: every attribute must equal its value, and `containing` must be part of its attribute. */
  readonly equal?: Readonly<Record<string, string>>;
  readonly containing?: readonly [attribute: string, part: string];
}

/** More items than one read returns: it ends at 1 MB. */
const LARGEST_CHUNK = 10_000;

/**
 * Yields the items of a range, read in chunks on demand. `chunk` limits the first read; each later one may be `growth`
 * times as large as the one before.
 */
export async function* query(
  table: Table,
  range: Range,
  chunk?: number,
  growth = 1,
): AsyncGenerator<unknown> {
  const input = inputOf(range);
  let Limit = chunk;
  let startKey: Record<string, unknown> | undefined = range.startKey;
  do {
    const page = await table.client.send(
      new QueryCommand({ ...input, TableName: table.name, Limit, ExclusiveStartKey: startKey }),
    );
    yield* page.Items ?? [];
    startKey = page.LastEvaluatedKey;
    Limit = Limit && Math.min(Limit * growth, LARGEST_CHUNK);
  } while (startKey);
}

/** Reads the first `limit` items of a range, and one more to find out whether more follow. */
export async function queryPage(
  table: Table,
  range: Range,
  limit: number,
): Promise<{ readonly items: readonly unknown[]; readonly more: boolean }> {
  const items = await Array.fromAsync(take(query(table, range, limit + 1), limit + 1));
  return { items: items.slice(0, limit), more: items.length > limit };
}

/** Yields the first `count` items, without reading further. */
export async function* take<T>(source: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let taken = 0;
  for await (const item of source) {
    yield item;
    taken += 1;
    if (taken >= count) return;
  }
}

/**
 * Loads items by keys until there are `count` of them, in the order of the keys. `load` returns fewer items than keys when
 * some were removed or changed after their key was read; further keys then fill the gap.
 */
export async function hydrateUntilFull<K, T>(
  keys: AsyncIterator<K>,
  count: number,
  load: (keys: readonly K[]) => Promise<readonly T[]>,
): Promise<T[]> {
  const items: T[] = [];
  for (;;) {
    const next = await nextOf(keys, count - items.length);
    if (next.length === 0) return items;
    items.push(...(await load(next)));
  }
}

async function nextOf<T>(source: AsyncIterator<T>, count: number): Promise<T[]> {
  const items: T[] = [];
  while (items.length < count) {
    const { done, value } = await source.next();
    if (done) break;
    items.push(value);
  }
  return items;
}

function inputOf({
  index,
  partition,
  sort,
  order = 'asc',
  consistent,
  equal = {},
  containing,
  attributes,
}: Range) {
  const expression = new Expression();
  const conditions = [`${expression.name([partition[0]])} = ${expression.value(partition[1])}`];
  if (sort) {
    const [attribute, from, to] = sort;
    const bounds = `${expression.value(from)} AND ${expression.value(to)}`;
    conditions.push(`${expression.name([attribute])} BETWEEN ${bounds}`);
  }
  const filters = Object.entries(equal).map(
    ([attribute, value]) => `${expression.name([attribute])} = ${expression.value(value)}`,
  );
  if (containing) {
    filters.push(`contains(${expression.name([containing[0]])}, ${expression.value(containing[1])})`);
  }
  const projection = attributes?.map((attribute) => expression.name([attribute]));
  return {
    ...(index && { IndexName: index }),
    ...(consistent && { ConsistentRead: true }),
    KeyConditionExpression: conditions.join(' AND '),
    ...(filters.length > 0 && { FilterExpression: filters.join(' AND ') }),
    ...(projection && { ProjectionExpression: projection.join(', ') }),
    ScanIndexForward: order === 'asc',
    ...expression.names(),
  };
}
