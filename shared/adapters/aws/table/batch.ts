import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { busy } from '../../../domain/errors.ts';
import { pause } from '../sdk-clients.ts';
import type { Table } from './client.ts';
import type { Key } from './keys.ts';

/** The most keys that DynamoDB takes in one BatchGetItem, and how many of those are under way at a time. */
const BATCH = 100;
const AT_A_TIME = 4;
/** How often what DynamoDB left undone is asked for, which takes some seconds at most. */
const TRIES = 8;

type Projection = ReturnType<typeof projectionOf>;

/**
 * Those of the items that exist, in any order; `attributes` are all that is returned besides the key.
 *
 * @throws DomainError `busy` where DynamoDB still leaves some undone after 8 tries.
 */
export async function getAll(
  table: Table,
  keys: readonly Key[],
  { attributes }: { readonly attributes?: readonly string[] } = {},
): Promise<unknown[]> {
  const projection = attributes && projectionOf(['pk', 'sk', ...attributes]);
  const found: unknown[] = [];
  const batches = inBatches(keys).values();
  const lane = async () => {
    for (const batch of batches) found.push(...(await getBatch(table, batch, projection)));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
  return found;
}

function inBatches(keys: readonly Key[]): Record<string, unknown>[][] {
  return Array.from({ length: Math.ceil(keys.length / BATCH) }, (_, index) =>
    keys.slice(index * BATCH, (index + 1) * BATCH).map((key) => ({ ...key })),
  );
}

/** DynamoDB answers what it has the throughput for, and names the rest. */
async function getBatch(
  table: Table,
  keys: Record<string, unknown>[],
  projection: Projection | undefined,
): Promise<unknown[]> {
  const found: unknown[] = [];
  let Keys = keys;
  for (let tries = 1; ; tries += 1) {
    const { Responses, UnprocessedKeys } = await table.client.send(
      new BatchGetCommand({ RequestItems: { [table.name]: { Keys, ...projection } } }),
    );
    found.push(...(Responses?.[table.name] ?? []));
    Keys = UnprocessedKeys?.[table.name]?.Keys ?? [];
    if (Keys.length === 0) return found;
    if (tries === TRIES) throw busy();
    await pause(tries);
  }
}

function projectionOf(attributes: readonly string[]) {
  return {
    ProjectionExpression: attributes.map((_, index) => `#${index}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(attributes.map((name, index) => [`#${index}`, name])),
  };
}
