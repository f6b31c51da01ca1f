import { isDeepStrictEqual } from 'node:util';
import { ServiceException } from '../../../local/aws-json-server.ts';
import { type IndexDefinition, TABLE } from '../../../shared/adapters/aws/table/definition.ts';
import { fulfills, type Item, type Placeholders, updated } from './expressions.ts';

/** A write, of a request of its own or of a transaction. */
export interface Write extends Placeholders {
  readonly Item?: Item;
  readonly Key?: Item;
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | undefined;
}

export type WriteKind = 'Put' | 'Update' | 'Delete';

/** A change of the table's stream. */
export interface StreamRecord {
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly dynamodb: {
    /** Seconds since 1970. */
    readonly ApproximateCreationDateTime: number;
    readonly SequenceNumber: string;
    readonly Keys: Item;
    readonly OldImage?: Item;
    readonly NewImage?: Item;
  };
}

/** A condition that did not hold, of the write with this number. */
export interface FailedCondition {
  readonly index: number;
  /** The item as it is, where the write asks for it and there is one. */
  readonly item: Item | undefined;
}

interface Change {
  readonly key: Item;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

const SEQUENCE_DIGITS = 21;

/** The items of one table of our definition, and the records of its stream. Writes replace items and never change them. */
export class MemoryTable {
  readonly records: StreamRecord[] = [];
  readonly #items = new Map<string, Item>();

  find(key: Item): Item | undefined {
    return this.#items.get(idOf(key));
  }

  /** Lists the items of the table or of one of its indexes, which has those that have its keys. */
  list(index?: IndexDefinition): Item[] {
    const items = [...this.#items.values()];
    return index ? items.filter((item) => index.partitionKey in item && index.sortKey in item) : items;
  }

  /**
   * Writes all, or nothing where conditions fail.
   *
   * @returns the conditions that failed.
   */
  write(writes: readonly (readonly [kind: WriteKind, write: Write])[]): readonly FailedCondition[] {
    const keys = writes.map(([, { Item, Key }]) => keyOf(Item ?? Key ?? {}));
    const isRepeated = new Set(keys.map(idOf)).size < keys.length;
    if (isRepeated) throw invalid('Transaction request cannot include multiple operations on one item');
    const failed = writes.flatMap(([, write], index) => {
      const item = this.find(keys[index] ?? {});
      const { ConditionExpression: condition, ReturnValuesOnConditionCheckFailure: returned } = write;
      if (condition === undefined || fulfills(item ?? {}, condition, write)) return [];
      return [{ index, item: returned && item }];
    });
    if (failed.length > 0) return failed;
    const changes = writes.map(([kind, write], index) => this.#changeOf(keys[index] ?? {}, kind, write));
    for (const change of changes) this.#make(change);
    return [];
  }

  /** @throws ServiceException for an item that an index could not have. */
  #changeOf(
    key: Item,
    kind: WriteKind,
    { Item: put, UpdateExpression = '', ...placeholders }: Write,
  ): Change {
    const before = this.find(key);
    if (kind === 'Delete') return { key, before, after: undefined };
    const after = kind === 'Put' ? put : updated(before ?? key, UpdateExpression, placeholders);
    for (const attribute of KEY_ATTRIBUTES) {
      if (after && attribute in after && !after[attribute]?.S)
        throw invalid(`Type mismatch for the key ${attribute}`);
    }
    return { key, before, after };
  }

  /** Makes a change. One that changes nothing has no stream record. */
  #make({ key, before, after }: Change): void {
    if (after) this.#items.set(idOf(key), after);
    else this.#items.delete(idOf(key));
    if (isDeepStrictEqual(before, after)) return;
    this.records.push({
      eventName: !before ? 'INSERT' : after ? 'MODIFY' : 'REMOVE',
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
        SequenceNumber: String(this.records.length + 1).padStart(SEQUENCE_DIGITS, '0'),
        Keys: key,
        ...(before && { OldImage: before }),
        ...(after && { NewImage: after }),
      },
    });
  }
}

const KEY_ATTRIBUTES = new Set(
  [TABLE, ...TABLE.indexes].flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]),
);

/** Returns the attributes of the primary key. */
function keyOf(item: Item): Item {
  return pick(item, [TABLE.partitionKey, TABLE.sortKey]);
}

export function pick(item: Item, attributes: readonly string[]): Item {
  const found: Item = {};
  for (const attribute of attributes) {
    const value = item[attribute];
    if (value !== undefined) found[attribute] = value;
  }
  return found;
}

export function invalid(message: string): ServiceException {
  return new ServiceException('ValidationException', message);
}

function idOf({ pk, sk }: Item): string {
  if (pk?.S === undefined || sk?.S === undefined) throw invalid('The key of an item is missing');
  return `${pk.S}\n${sk.S}`;
}
