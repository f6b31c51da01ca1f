import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import * as z from 'zod/mini';
import { createTable } from '../../local/table/create.ts';
import { type Engine, startEngine } from '../../local/table/engine.ts';
import { openTable, type Table } from '../../shared/adapters/aws/table/client.ts';

/**
 * Starts a DynamoDB engine with an empty table for the calling test file.
 *
 * @param fill writes items before the first test.
 * @returns a function that returns the table with a client of the running test, to which a test may add middleware.
 */
export function testTable(fill?: (table: Table) => Promise<unknown>): () => Table {
  const name = `table-${randomUUID()}`;
  let engine: Engine | undefined;
  let table: Table | undefined;
  beforeAll(async () => {
    engine = await startEngine({});
    Object.assign(process.env, {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: engine.url,
    });
    await createTable(name, engine.url);
    const filling = openTable(name);
    await fill?.(filling);
    filling.client.destroy();
  });
  beforeEach(() => {
    table = openTable(name);
  });
  afterEach(() => table?.client.destroy());
  afterAll(() => engine?.close());
  return () => {
    if (!table) throw new Error('The table exists only while a test runs.');
    return table;
  };
}

const batch = z.object({
  Responses: z.record(z.string(), z.array(z.looseObject({ pk: z.string(), sk: z.string() }))),
});

/** Makes batch reads of a table miss items, as if they had just been written, or removed. */
export function hideFromBatchReads(
  { client, name }: Table,
  isHidden: (item: { readonly pk: string; readonly sk: string }) => boolean,
): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args);
        if (commandName !== 'BatchGetItemCommand') return result;
        const items = batch.parse(result.output).Responses[name] ?? [];
        Object.assign(result.output, { Responses: { [name]: items.filter((item) => !isHidden(item)) } });
        return result;
      },
    { step: 'initialize' },
  );
}
