import { setTimeout } from 'node:timers/promises';
import { BatchGetCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import { busy } from '../../../domain/errors.ts';
import type { Table } from './client.ts';
import { keyItem } from './items.ts';
import type { Key } from './keys.ts';

/** DynamoDB's maximum keys per BatchGetItem, and the requests under way at the same time. */
const MAX_KEYS = 100;
const CONCURRENCY = 4;
/** Attempts at keys that DynamoDB left unprocessed; a few seconds at most. */
const MAX_ATTEMPTS = 8;
const FIRST_BOUND_MS = 25;
const MAX_BOUND_MS = 1_000;

/** The attributes to read; all of them by default. */
export interface Projection {
  readonly attributes?: readonly string[];
}

/**
 * Reads the items that exist, in any order, eventually consistently. With `attributes`, only those and the key.
 *
 * @throws DomainError `busy` when DynamoDB leaves keys unprocessed after 8 attempts.
 */
export async function batchGet(
  table: Table,
  keys: readonly Key[],
  { attributes }: Projection = {},
): Promise<unknown[]> {
  const projection = attributes && projectionOf(['pk', 'sk', ...attributes]);
  const items: unknown[] = [];
  const batches = toBatches(keys).values();
  const worker = async () => {
    for (const batch of batches) items.push(...(await getBatch(table, batch, projection)));
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
): Promise<unknown[]> {
  const items = await batchGet(table, keys, projection);
  const found = new Set(items.map((item) => identityOf(keyItem.parse(item))));
  const missing = keys.filter((key) => !found.has(identityOf(key)));
  const late = await Promise.all(missing.map((key) => getConsistent(table, key)));
  return [...items, ...late.filter((item) => item !== undefined)];
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
async function getBatch(
  table: Table,
  keys: Record<string, unknown>[],
  projection: ReturnType<typeof projectionOf> | undefined,
): Promise<unknown[]> {
  const items: unknown[] = [];
  let Keys = keys;
  for (let attempt = 1; ; attempt += 1) {
    const { Responses, UnprocessedKeys } = await table.client.send(
      new BatchGetCommand({ RequestItems: { [table.name]: { Keys, ...projection } } }),
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
