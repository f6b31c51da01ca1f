import { TABLE } from '../../../shared/adapters/aws/table/definition.ts';
import { compareText, fulfills, type Item, type Placeholders } from './expressions.ts';
import { invalid, type MemoryTable, pick } from './table.ts';

/** A read of the whole table. */
export interface ScanRead extends Placeholders {
  readonly FilterExpression?: string;
  readonly ExclusiveStartKey?: Item;
  readonly Limit?: number;
}

/** A read of a range of the table or of an index. */
export interface RangeRead extends ScanRead {
  readonly IndexName?: string;
  readonly KeyConditionExpression: string;
  readonly ScanIndexForward?: boolean;
}

/** Items of a read, and the key of the last one where more may follow. */
interface Chunk {
  readonly items: readonly Item[];
  readonly lastKey: Item | undefined;
}

/** Reads a range: up to `Limit` items before the filter, and the key of the last one where more may follow. */
export function readRange(table: MemoryTable, read: RangeRead): Chunk {
  const { IndexName, KeyConditionExpression } = read;
  const index = TABLE.indexes.find(({ name }) => name === IndexName);
  if (IndexName !== undefined && !index)
    throw invalid(`The table does not have the specified index: ${IndexName}`);
  const keys = [...(index ? [index.partitionKey, index.sortKey] : []), TABLE.partitionKey, TABLE.sortKey];
  const inOrder = orderOf(index ? [index.sortKey, TABLE.partitionKey, TABLE.sortKey] : [TABLE.sortKey], read);
  const found = table.list(index).filter((item) => fulfills(item, KeyConditionExpression, read));
  const { items, lastKey } = chunkOf(found, read, inOrder);
  const shown = items.map((item) => (index ? inIndex(item, index.projection, keys) : item));
  return { items: filtered(shown, read), lastKey: lastKey && pick(lastKey, keys) };
}

/** Reads the table, in the order of its keys; DynamoDB has an order of its own, of which nobody may know. */
export function readAll(table: MemoryTable, read: ScanRead): Chunk {
  const keys = [TABLE.partitionKey, TABLE.sortKey];
  const { items, lastKey } = chunkOf(table.list(), read, orderOf(keys, {}));
  return { items: filtered(items, read), lastKey: lastKey && pick(lastKey, keys) };
}

function chunkOf(
  items: readonly Item[],
  { ExclusiveStartKey: start, Limit }: ScanRead,
  inOrder: (one: Item, other: Item) => number,
): Chunk {
  const following = items.filter((item) => start === undefined || inOrder(start, item) < 0);
  const chunk = following.sort(inOrder).slice(0, Limit);
  return { items: chunk, lastKey: chunk.length === Limit ? chunk.at(-1) : undefined };
}

function filtered(items: readonly Item[], read: ScanRead): readonly Item[] {
  const { FilterExpression: filter } = read;
  return filter === undefined ? items : items.filter((item) => fulfills(item, filter, read));
}

/** Returns what an index has of an item. */
function inIndex(item: Item, projection: 'KEYS_ONLY' | readonly string[], keys: readonly string[]): Item {
  return pick(item, projection === 'KEYS_ONLY' ? keys : [...keys, ...projection]);
}

/** Orders items by attributes that are text. */
function orderOf(
  attributes: readonly string[],
  { ScanIndexForward = true }: Pick<RangeRead, 'ScanIndexForward'>,
) {
  const sign = ScanIndexForward ? 1 : -1;
  return (one: Item, other: Item) => {
    for (const attribute of attributes) {
      const order = compareText(one[attribute]?.S ?? '', other[attribute]?.S ?? '');
      if (order !== 0) return sign * order;
    }
    return 0;
  };
}
