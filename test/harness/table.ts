import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
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
