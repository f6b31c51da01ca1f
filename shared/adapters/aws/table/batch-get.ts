import { setTimeout } from 'node:timers/promises';
import { BatchGetCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import { busy } from '../../../domain/errors.ts';
import type { Table } from './client.ts';
import { type Item, textOf } from './items.ts';
import type { Key } from './keys.ts';

/** DynamoDB's maximum keys per BatchGetItem, and the requests under way at the same time. */
const MAX_KEYS = 100;
const CONCURRENCY = 4;
/** Attempts at keys that DynamoDB left unprocessed; a few seconds at most. */
const MAX_ATTEMPTS = 8;
const FIRST_BOUND_MS = 25;
const MAX_BOUND_MS = 1_000;

export interface Projection {
  /** The attributes to read, with the key; all of them by default. */
  readonly attributes?: readonly string[];
}

/**
 * Reads the items that exist, in any order; eventually consistently by default.
 *
 * @throws DomainError `busy` when DynamoDB leaves keys unprocessed after 8 attempts.
 */
export async function batchGet(
  table: Table,
  keys: readonly Key[],
  { attributes, ...consistency }: Projection & { readonly ConsistentRead?: true } = {},
): Promise<Item[]> {
  const options = { ...(attributes && projectionOf(['pk', 'sk', ...attributes])), ...consistency };
  const items: Item[] = [];
  const batches = toBatches(keys).values();
  const worker = async () => {
    for (const batch of batches) items.push(...(await getBatch(table, batch, options)));
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return items;
}

/**
 * Reads the items that exist, in any order, as if strongly consistently: an eventually consistent read costs half, and
 * only the items that it misses are read again strongly.
 *
 * @throws DomainError `busy`.
 */
export async function batchGetConsistent(
  table: Table,
  keys: readonly Key[],
  projection: Projection = {},
): Promise<Item[]> {
  const items = await batchGet(table, keys, projection);
  const found = new Set(items.map((item) => identityOf({ pk: textOf(item, 'pk'), sk: textOf(item, 'sk') })));
  const missing = keys.filter((key) => !found.has(identityOf(key)));
  const late = await Promise.all(missing.map((key) => getConsistent(table, key)));
  return [...items, ...late.filter((item) => item !== undefined)];
}

/**
 * Reads an item eventually consistently, which costs half, unless it is missing or not as needed: then strongly. For items
 * that do not change once they are as needed.
 */
export async function getOnceWritten(
  table: Table,
  key: Key,
  isAsNeeded: (item: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown> | undefined> {
  const item = await getEventual(table, key);
  return item && isAsNeeded(item) ? item : getConsistent(table, key);
}

/** Reads an item eventually consistently, usually of the last second at the latest. */
export async function getEventual(
  { client, name }: Table,
  key: Key,
): Promise<Record<string, unknown> | undefined> {
  return (await client.send(new GetCommand({ TableName: name, Key: { ...key } }))).Item;
}

/** Reads an item strongly consistently. */
export async function getConsistent(
  { client, name }: Table,
  key: Key,
): Promise<Record<string, unknown> | undefined> {
  const command = new GetCommand({ TableName: name, Key: { ...key }, ConsistentRead: true });
  return (await client.send(command)).Item;
}

function identityOf({ pk, sk }: Key): string {
  return JSON.stringify([pk, sk]);
}

function toBatches(keys: readonly Key[]): Record<string, unknown>[][] {
  return Array.from({ length: Math.ceil(keys.length / MAX_KEYS) }, (_, index) =>
    keys.slice(index * MAX_KEYS, (index + 1) * MAX_KEYS).map((key) => ({ ...key })),
  );
}

/** DynamoDB returns what it has the throughput for, and names the keys that it left unprocessed. */
async function getBatch(table: Table, keys: Record<string, unknown>[], options: object): Promise<Item[]> {
  const items: Item[] = [];
  let Keys = keys;
  for (let attempt = 1; ; attempt += 1) {
    const { Responses, UnprocessedKeys } = await table.client.send(
      new BatchGetCommand({ RequestItems: { [table.name]: { Keys, ...options } } }),
    );
    items.push(...(Responses?.[table.name] ?? []));
    Keys = UnprocessedKeys?.[table.name]?.Keys ?? [];
    if (Keys.length === 0) return items;
    if (attempt === MAX_ATTEMPTS) throw busy();
    await setTimeout(Math.random() * Math.min(MAX_BOUND_MS, FIRST_BOUND_MS * 2 ** attempt));
  }
}

function projectionOf(attributes: readonly string[]) {
  return {
    ProjectionExpression: attributes.map((_, index) => `#${index}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(attributes.map((name, index) => [`#${index}`, name])),
  };
}
