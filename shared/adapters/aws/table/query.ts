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
  /** Keeps an item when each attribute equals its value, and `containing` is a part of that attribute. */
  readonly equal?: Readonly<Record<string, string>>;
  readonly containing?: readonly [attribute: string, part: string];
}

/** No read returns as many: it ends at 1 MB. */
const LARGEST_CHUNK = 10_000;

/**
 * The items of a range, read a chunk at a time as they are asked for. `chunk` bounds the items of the first read;
 * each read after it may be `growth` times as large as the one before.
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

/** The first `limit` items of a range and whether more follow, by reading one item more. */
export async function queryPage(
  table: Table,
  range: Range,
  limit: number,
): Promise<{ readonly items: readonly unknown[]; readonly more: boolean }> {
  const items = await Array.fromAsync(take(query(table, range, limit + 1), limit + 1));
  return { items: items.slice(0, limit), more: items.length > limit };
}

/** The first `count` of what comes, and no read beyond them. */
export async function* take<T>(source: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let taken = 0;
  for await (const item of source) {
    yield item;
    taken += 1;
    if (taken >= count) return;
  }
}

/**
 * The first `count` of what `look` finds behind keys, in their order. Where it finds less than it was given, since
 * that was removed or changed after its key was read, the next keys are looked behind.
 */
export async function hydrateUntilFull<K, T>(
  keys: AsyncIterator<K>,
  count: number,
  look: (keys: readonly K[]) => Promise<readonly T[]>,
): Promise<T[]> {
  const found: T[] = [];
  for (;;) {
    const next = await nextOf(keys, count - found.length);
    if (next.length === 0) return found;
    found.push(...(await look(next)));
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

function inputOf({ index, partition, sort, order = 'asc', consistent, equal = {}, containing }: Range) {
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
  return {
    ...(index && { IndexName: index }),
    ...(consistent && { ConsistentRead: true }),
    KeyConditionExpression: conditions.join(' AND '),
    ...(filters.length > 0 && { FilterExpression: filters.join(' AND ') }),
    ScanIndexForward: order === 'asc',
    ...expression.names(),
  };
}
