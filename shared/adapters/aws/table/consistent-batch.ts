import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { getAll } from './batch.ts';
import type { Table } from './client.ts';
import { keyItem } from './items.ts';
import type { Key } from './keys.ts';

/**
 * Those of the items that exist, in any order. They are read at half the price of a strong read, which may miss
 * what was written just now; so what it misses is read again, strongly.
 *
 * @throws DomainError `busy`.
 */
export async function batchGetConsistent(
  table: Table,
  keys: readonly Key[],
  projection: { readonly attributes?: readonly string[] } = {},
): Promise<unknown[]> {
  const items = await getAll(table, keys, projection);
  const found = new Set(items.map((item) => placeOf(keyItem.parse(item))));
  const missing = keys.filter((key) => !found.has(placeOf(key)));
  const late = await Promise.all(missing.map((key) => getStrongly(table, key)));
  return [...items, ...late.filter((item) => item !== undefined)];
}

async function getStrongly({ client, name }: Table, key: Key) {
  const { Item } = await client.send(
    new GetCommand({ TableName: name, Key: { ...key }, ConsistentRead: true }),
  );
  return Item;
}

function placeOf({ pk, sk }: Key): string {
  return JSON.stringify([pk, sk]);
}
