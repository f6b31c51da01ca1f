import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { getAll } from '../../../shared/adapters/aws/table/batch.ts';
import { openTable, type Table } from '../../../shared/adapters/aws/table/client.ts';
import type { Key } from '../../../shared/adapters/aws/table/keys.ts';
import { BELOW_RETRIES } from '../../harness/fault-injector.ts';

interface Marshalled {
  readonly pk: { readonly S: string };
}

/** A table that holds every item it is asked for, and answers as many of the keys of a call as `willing` says. */
class ReluctantTable {
  readonly table: Table;
  /** How many keys each call asked for. */
  readonly calls: number[] = [];
  most = 0;
  willing = (keys: number) => keys;
  #underWay = 0;

  constructor() {
    this.table = { ...openTable('table'), name: 'table' };
    this.table.client.middlewareStack.add(
      () => async (args) => ({ response: await this.#answer(bodyOf(args.request)) }),
      BELOW_RETRIES,
    );
  }

  async #answer(body: string) {
    const keys: readonly Marshalled[] = JSON.parse(body).RequestItems.table.Keys;
    this.calls.push(keys.length);
    this.#underWay += 1;
    this.most = Math.max(this.most, this.#underWay);
    await new Promise((resolve) => setImmediate(resolve));
    this.#underWay -= 1;
    const done = this.willing(keys.length);
    const left = keys.slice(done);
    const answer = {
      Responses: { table: keys.slice(0, done) },
      UnprocessedKeys: left.length > 0 ? { table: { Keys: left } } : {},
    };
    return { statusCode: 200, headers: {}, body: new TextEncoder().encode(JSON.stringify(answer)) };
  }
}

function bodyOf(request: unknown): string {
  const body = typeof request === 'object' && request && 'body' in request ? request.body : undefined;
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  throw new Error('A request without a body.');
}

const keysOf = (count: number): Key[] =>
  Array.from({ length: count }, (_, index) => ({ pk: `P#${index}`, sk: 'S' }));

let reluctant: ReluctantTable;
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'made-up');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'made-up');
  reluctant = new ReluctantTable();
});
afterEach(() => {
  reluctant.table.client.destroy();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('items that are read by their keys', () => {
  test('are all found, each once, whatever DynamoDB leaves for later', async () => {
    reluctant.willing = (keys) => Math.ceil(keys / 2);
    const keys = keysOf(250);
    const found = await getAll(reluctant.table, keys);
    expect(found).toHaveLength(keys.length);
    expect(found).toEqual(expect.arrayContaining(keys));
  });

  test('are asked for a hundred at a time, and four hundreds side by side', async () => {
    expect(await getAll(reluctant.table, keysOf(950))).toHaveLength(950);
    expect(reluctant.calls.toSorted((a, b) => b - a)).toEqual([...Array(9).fill(100), 50]);
    expect(reluctant.most).toBe(4);
  });

  test('none of which comes are given up, with a wait before each try', async () => {
    reluctant.willing = () => 0;
    await expect(getAll(reluctant.table, keysOf(3))).rejects.toMatchObject({ code: 'busy' });
    expect(reluctant.calls).toEqual(Array(8).fill(3));
    expect(vi.mocked(Math.random)).toHaveBeenCalledTimes(7);
  });

  test('none of which are asked for cost no call', async () => {
    expect(await getAll(reluctant.table, [])).toEqual([]);
    expect(reluctant.calls).toEqual([]);
  });
});
