import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { timestamp } from '../../../domain/operation-context.ts';
import type { Table } from './client.ts';
import type { IndexName } from './definition.ts';
import { Expression } from './expression.ts';
import type { Item } from './items.ts';

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
  /** Filters: each text must be part of its attribute. */
  readonly containing?: readonly (readonly [attribute: string, part: string])[];
}

/** One read of a range. */
export interface Chunk {
  readonly items: readonly Item[];
  /** The key of the last item that was read, filtered out or not; undefined at the end of the range. */
  readonly lastKey: Readonly<Record<string, unknown>> | undefined;
  readonly readUnits: number;
}

/** Reads a range once: up to `limit` items before filters, or 1 MB, DynamoDB's maximum. */
export async function readChunk(
  { client, name: TableName }: Table,
  range: Range,
  limit: number,
): Promise<Chunk> {
  const input = { ...inputOf(range), TableName, ExclusiveStartKey: range.startKey, Limit: limit };
  const {
    Items = [],
    LastEvaluatedKey,
    ConsumedCapacity,
  } = await client.send(new QueryCommand({ ...input, ReturnConsumedCapacity: 'TOTAL' }));
  return { items: Items, lastKey: LastEvaluatedKey, readUnits: ConsumedCapacity?.CapacityUnits ?? 0 };
}

/** Yields the items of a range, read on demand in chunks of up to `chunk` items. */
export async function* query(table: Table, range: Range, chunk?: number): AsyncGenerator<unknown> {
  for await (const items of queryChunks(table, range, chunk)) yield* items;
}

async function* queryChunks(
  { client, name }: Table,
  range: Range,
  chunk: number | undefined,
): AsyncGenerator<readonly Item[]> {
  const input = { ...inputOf(range), TableName: name, Limit: chunk };
  let startKey: Record<string, unknown> | undefined = range.startKey;
  do {
    const page = await client.send(new QueryCommand({ ...input, ExclusiveStartKey: startKey }));
    yield page.Items ?? [];
    startKey = page.LastEvaluatedKey;
  } while (startKey);
}

/** The indexes that sort by a time at which something is due: partition and sort key. */
const DUE_INDEXES = {
  reminders: ['reminderKey', 'reminderAt'],
  recovery: ['recoveryKey', 'recoverAt'],
} as const satisfies Partial<Record<IndexName, readonly [string, string]>>;
/** Items of one read. */
const DUE_CHUNK = 100;

/** Yields the items of a partition that are due, the earliest first. */
export function queryDue(table: Table, index: keyof typeof DUE_INDEXES, key: string, now: Date) {
  const [partition, sort] = DUE_INDEXES[index];
  return query(table, { index, partition: [partition, key], sort: [sort, '0', timestamp(now)] }, DUE_CHUNK);
}

/** Reads the first `limit` items of a range, and one more to find out whether more follow. */
export async function queryPage(
  table: Table,
  range: Range,
  limit: number,
): Promise<{ readonly items: readonly Item[]; readonly more: boolean }> {
  const items: Item[] = [];
  for await (const chunk of queryChunks(table, range, limit + 1)) {
    items.push(...chunk);
    if (items.length > limit) break;
  }
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
  keys: AsyncIterator<K> | Iterator<K>,
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

async function nextOf<T>(source: AsyncIterator<T> | Iterator<T>, count: number): Promise<T[]> {
  const items: T[] = [];
  while (items.length < count) {
    const { done, value } = await source.next();
    if (done) break;
    items.push(value);
  }
  return items;
}

function inputOf(range: Range) {
  const { index, partition, order = 'asc', consistent, containing = [], attributes } = range;
  const sort = sortAfterStart(range);
  const expression = new Expression();
  const conditions = [`${expression.name([partition[0]])} = ${expression.value(partition[1])}`];
  if (sort) {
    const [attribute, from, to] = sort;
    const bounds = `${expression.value(from)} AND ${expression.value(to)}`;
    conditions.push(`${expression.name([attribute])} BETWEEN ${bounds}`);
  }
  const filters = containing.map(
    ([attribute, part]) => `contains(${expression.name([attribute])}, ${expression.value(part)})`,
  );
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

/**
 * Narrows the bounds to what follows the start key. DynamoDB starts there anyway; the engine of local mode starts at the
 * bound, and steps over every item up to the start key: the last page of 100,000 took it four times as long as the first.
 */
function sortAfterStart({ sort, order, startKey }: Range): Range['sort'] {
  if (!sort) return undefined;
  const [attribute, from, to] = sort;
  const start = startKey?.[attribute];
  if (start === undefined || start < from || start > to) return sort;
  return order === 'desc' ? [attribute, from, start] : [attribute, start, to];
}
