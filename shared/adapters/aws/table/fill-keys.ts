import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, PutCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { CONNECTION_SK_PREFIX } from '../../../domain/terms.ts';
import { getConsistent } from './batch-get.ts';
import type { Table } from './client.ts';
import { derivedAttributes } from './connection-actions.ts';
import { TABLE, type TableDefinition } from './definition.ts';
import { Expression } from './expression.ts';
import { fillCheckpointItem, keyItem } from './items.ts';
import { FILL_CHECKPOINT_KEY, type Key, MEMBER_SK_PREFIX, projectOf, userKey } from './keys.ts';
import { storedConnection } from './stored-connection.ts';

/** Items of one page of the table, before the filter: some 100 read units. */
const PAGE = 500;

/** Options of {@link fillKeys}. */
export interface FillRun {
  /** Items that are filled at the same time. */
  readonly concurrency: number;
  /** Waits until the next item may be written. */
  readonly pace: () => Promise<void>;
  readonly onProgress: (report: FillReport) => void;
}

/** Result of a run: the items that it found, and what it did with them. */
export interface FillReport {
  readonly filled: number;
  /** Items that had their keys already. */
  readonly kept: number;
  /** Keys of the items that could not be filled. A repeated run takes them up. */
  readonly failures: readonly { readonly key: Key; readonly error: unknown }[];
}

/**
 * Writes the keys of indexes, and what searches read in an index, to the items that lack them or have others: those that
 * were written before an index was defined. Connections and memberships are filled; all other items of indexes are gone
 * after minutes.
 *
 * An item is written on the condition that it is as it was read, so that a change in the same moment wins and is read
 * again. A run may be interrupted anywhere: the next one continues after the last page that was done, and repeating it does
 * no harm. Run it once the functions that write the keys are deployed.
 */
export async function fillKeys(table: Table, run: FillRun): Promise<FillReport> {
  const report = { filled: 0, kept: 0, failures: [] as FillReport['failures'][number][] };
  let after = await readCheckpoint(table);
  do {
    const { items, next } = await readPage(table, after);
    const queue = items.values();
    const worker = async () => {
      for (const item of queue) {
        await fillItem(table, item, run.pace).then(
          (isFilled) => {
            report[isFilled ? 'filled' : 'kept'] += 1;
          },
          (error: unknown) => report.failures.push({ key: keyOf(item), error }),
        );
        run.onProgress(report);
      }
    };
    await Promise.all(Array.from({ length: run.concurrency }, worker));
    after = next;
    // With a failure the next run must see this page again.
    if (after && report.failures.length === 0) await writeCheckpoint(table, after);
  } while (after);
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: { ...FILL_CHECKPOINT_KEY } }));
  return report;
}

async function readPage({ client, name }: Table, after: Key | undefined) {
  const { Items = [], LastEvaluatedKey } = await client.send(
    new ScanCommand({
      TableName: name,
      Limit: PAGE,
      ExclusiveStartKey: after,
      FilterExpression: 'begins_with(sk, :connection) OR begins_with(sk, :member)',
      ExpressionAttributeValues: { ':connection': CONNECTION_SK_PREFIX, ':member': MEMBER_SK_PREFIX },
    }),
  );
  return { items: Items, next: LastEvaluatedKey && keyOf(LastEvaluatedKey) };
}

/** Fills one item. Returns false where nothing was to be filled. */
async function fillItem(table: Table, item: Record<string, unknown>, pace: () => Promise<void>) {
  let current: Record<string, unknown> | undefined = item;
  for (;;) {
    const update = current && updateOf(current);
    if (!update) return false;
    await pace();
    try {
      await table.client.send(new UpdateCommand({ TableName: table.name, ...update }));
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      current = await getConsistent(table, keyOf(item));
    }
  }
}

/** Returns the update that fills an item; undefined where its keys are right. */
function updateOf(item: Record<string, unknown>) {
  const { pk, sk } = keyOf(item);
  if (sk.startsWith(MEMBER_SK_PREFIX)) {
    return updateTo(item, { userKey: userKey(sk.slice(MEMBER_SK_PREFIX.length)) }, ['pk', pk]);
  }
  const stored = storedConnection(item, projectOf(pk));
  return updateTo(item, indexed(derivedAttributes(stored)), ['revision', stored.revision]);
}

/** Returns the attributes that are keys of indexes, or that indexes project. */
function indexed(attributes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => INDEXED.has(name)));
}

function updateTo(
  item: Record<string, unknown>,
  attributes: Record<string, unknown>,
  [unchanged, value]: readonly [attribute: string, value: unknown],
) {
  const missing = Object.entries(attributes).filter(([name, to]) => !isDeepStrictEqual(item[name], to));
  if (missing.length === 0) return undefined;
  const expression = new Expression();
  for (const [name, to] of missing) expression.put(name, to);
  const ConditionExpression = `${expression.name([unchanged])} = ${expression.value(value)}`;
  return { Key: { ...keyOf(item) }, ConditionExpression, ...expression.update() };
}

function keyOf(item: unknown): Key {
  return keyItem.parse(item);
}

const { indexes, unqueriedIndexes }: TableDefinition = TABLE;
const INDEXED: ReadonlySet<string> = new Set(
  [...indexes, ...unqueriedIndexes].flatMap(({ partitionKey, sortKey, projection }) => [
    partitionKey,
    sortKey,
    ...(projection === 'KEYS_ONLY' ? [] : projection),
  ]),
);

/** Identifies the indexes that a checkpoint is for: other ones are filled from the beginning. */
const INDEXES = createHash('sha256')
  .update(JSON.stringify([indexes, unqueriedIndexes]))
  .digest('hex');

async function readCheckpoint(table: Table): Promise<Key | undefined> {
  const { success, data } = fillCheckpointItem.safeParse(await getConsistent(table, FILL_CHECKPOINT_KEY));
  return success && data.indexes === INDEXES ? data.after : undefined;
}

async function writeCheckpoint({ client, name }: Table, after: Key): Promise<void> {
  const Item = { ...FILL_CHECKPOINT_KEY, indexes: INDEXES, after };
  await client.send(new PutCommand({ TableName: name, Item }));
}
