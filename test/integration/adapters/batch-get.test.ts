import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { batchGet } from '../../../shared/adapters/aws/table/batch-get.ts';
import { openTable, type Table } from '../../../shared/adapters/aws/table/client.ts';
import type { Key } from '../../../shared/adapters/aws/table/keys.ts';
import { BELOW_RETRIES } from '../../harness/fault-injector.ts';

interface MarshalledKey {
  readonly pk: { readonly S: string };
}

/** A table that has every requested item, and leaves keys of each call unprocessed as DynamoDB may. */
class ThrottledTable {
  readonly table: Table;
  /** Number of keys of each call. */
  readonly calls: number[] = [];
  /** The largest number of simultaneous calls. */
  concurrency = 0;
  /** Returns how many of the keys of a call are processed. */
  processed = (keys: number) => keys;
  #running = 0;

  constructor() {
    this.table = { ...openTable('table'), name: 'table' };
    this.table.client.middlewareStack.add(
      () => async (args) => ({ response: await this.#respond(bodyOf(args.request)) }),
      BELOW_RETRIES,
    );
  }

  async #respond(body: string) {
    const keys: readonly MarshalledKey[] = JSON.parse(body).RequestItems.table.Keys;
    this.calls.push(keys.length);
    this.#running += 1;
    this.concurrency = Math.max(this.concurrency, this.#running);
    await new Promise((resolve) => setImmediate(resolve));
    this.#running -= 1;
    const processed = this.processed(keys.length);
    const unprocessed = keys.slice(processed);
    const response = {
      Responses: { table: keys.slice(0, processed) },
      UnprocessedKeys: unprocessed.length > 0 ? { table: { Keys: unprocessed } } : {},
    };
    return { statusCode: 200, headers: {}, body: new TextEncoder().encode(JSON.stringify(response)) };
  }
}

function bodyOf(request: unknown): string {
  const body = typeof request === 'object' && request && 'body' in request ? request.body : undefined;
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  throw new Error('A request without a body.');
}

const keysOf = (count: number): Key[] =>
  Array.from({ length: count }, (_, index) => ({ pk: `P#${index}`, sk: 'S' }));

let throttled: ThrottledTable;
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'made-up');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'made-up');
  throttled = new ThrottledTable();
  onTestFinished(() => {
    throttled.table.client.destroy();
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });
});

describe('a batch read', () => {
  test('finds every item once, whatever DynamoDB leaves unprocessed', async () => {
    throttled.processed = (keys) => Math.ceil(keys / 2);
    const keys = keysOf(250);
    const found = await batchGet(throttled.table, keys);
    expect(found).toHaveLength(keys.length);
    expect(found).toEqual(expect.arrayContaining(keys));
  });

  test('requests 100 keys per call, in 4 simultaneous calls', async () => {
    expect(await batchGet(throttled.table, keysOf(950))).toHaveLength(950);
    expect(throttled.calls.toSorted((a, b) => b - a)).toEqual([...Array(9).fill(100), 50]);
    expect(throttled.concurrency).toBe(4);
  });

  test('of which DynamoDB processes nothing is refused as busy after 8 attempts', async () => {
    throttled.processed = () => 0;
    await expect(batchGet(throttled.table, keysOf(3))).rejects.toMatchObject({ code: 'busy' });
    expect(throttled.calls).toEqual(Array(8).fill(3));
    expect(vi.mocked(Math.random)).toHaveBeenCalledTimes(7);
  });

  test('of no keys makes no call', async () => {
    expect(await batchGet(throttled.table, [])).toEqual([]);
    expect(throttled.calls).toEqual([]);
  });
});
