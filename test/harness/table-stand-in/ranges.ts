import { TABLE } from '../../../shared/adapters/aws/table/definition.ts';
import { compareText, fulfills, type Item, type Placeholders } from './expressions.ts';
import { invalid, type MemoryTable, pick } from './table.ts';

/** A read of a range of the table or of an index. */
export interface RangeRead extends Placeholders {
  readonly IndexName?: string;
  readonly KeyConditionExpression: string;
  readonly FilterExpression?: string;
  readonly ExclusiveStartKey?: Item;
  readonly Limit?: number;
  readonly ScanIndexForward?: boolean;
}

/** Reads a range: up to `Limit` items before the filter, and the key of the last one where more may follow. */
export function readRange(
  table: MemoryTable,
  read: RangeRead,
): { readonly items: readonly Item[]; readonly lastKey: Item | undefined } {
  const { IndexName, KeyConditionExpression, FilterExpression, ExclusiveStartKey: start, Limit } = read;
  const index = TABLE.indexes.find(({ name }) => name === IndexName);
  if (IndexName !== undefined && !index)
    throw invalid(`The table does not have the specified index: ${IndexName}`);
  const keys = [...(index ? [index.partitionKey, index.sortKey] : []), TABLE.partitionKey, TABLE.sortKey];
  const inOrder = orderOf(index ? [index.sortKey, TABLE.partitionKey, TABLE.sortKey] : [TABLE.sortKey], read);
  const found = table
    .list(index)
    .filter((item) => fulfills(item, KeyConditionExpression, read))
    .filter((item) => start === undefined || inOrder(start, item) < 0)
    .sort(inOrder);
  const chunk = found.slice(0, Limit);
  const last = chunk.length === Limit ? chunk.at(-1) : undefined;
  const items = chunk.map((item) => (index ? inIndex(item, index.projection, keys) : item));
  return {
    items: FilterExpression ? items.filter((item) => fulfills(item, FilterExpression, read)) : items,
    lastKey: last && pick(last, keys),
  };
}

/** Returns what an index has of an item. */
function inIndex(item: Item, projection: 'KEYS_ONLY' | readonly string[], keys: readonly string[]): Item {
  return pick(item, projection === 'KEYS_ONLY' ? keys : [...keys, ...projection]);
}

/** Orders items by attributes that are text. */
function orderOf(attributes: readonly string[], { ScanIndexForward = true }: RangeRead) {
  const sign = ScanIndexForward ? 1 : -1;
  return (one: Item, other: Item) => {
    for (const attribute of attributes) {
      const order = compareText(one[attribute]?.S ?? '', other[attribute]?.S ?? '');
      if (order !== 0) return sign * order;
    }
    return 0;
  };
}
