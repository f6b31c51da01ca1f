import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import type { Key } from '../../../store/keys.ts';
import type { Table } from './client.ts';

/** The most keys that DynamoDB takes in one BatchGetItem. */
const BATCH = 100;

/** Those of the items that exist, in any order; `attributes` are all that is returned besides the key. */
export async function getAll(
  table: Table,
  keys: readonly Key[],
  { attributes }: { readonly attributes?: readonly string[] } = {},
): Promise<unknown[]> {
  const projection = attributes && projectionOf(['pk', 'sk', ...attributes]);
  const found: unknown[] = [];
  let pending: Record<string, unknown>[] = keys.map((key) => ({ ...key }));
  while (pending.length > 0) {
    const now = pending.slice(0, BATCH);
    const { Responses, UnprocessedKeys } = await table.client.send(
      new BatchGetCommand({ RequestItems: { [table.name]: { Keys: now, ...projection } } }),
    );
    found.push(...(Responses?.[table.name] ?? []));
    pending = [...pending.slice(BATCH), ...(UnprocessedKeys?.[table.name]?.Keys ?? [])];
  }
  return found;
}

function projectionOf(attributes: readonly string[]) {
  return {
    ProjectionExpression: attributes.map((_, index) => `#${index}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(attributes.map((name, index) => [`#${index}`, name])),
  };
}
