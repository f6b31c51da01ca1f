import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Table } from '../../../shared/adapters/aws/table/client.ts';
import { connectionAction } from '../../../shared/adapters/aws/table/connection-actions.ts';
import { connectionReader } from '../../../shared/adapters/aws/table/connections.ts';
import { nameKey } from '../../../shared/adapters/aws/table/keys.ts';
import type { ConnectionQuery } from '../../../shared/domain/model/connection.ts';
import { newConnection, newStoredConnection } from '../../harness/connections.ts';
import { hideFromBatchReads, testTable } from '../../harness/table.ts';

const AT = '2026-03-03T14:05:59.000Z';

/** Returns the item of an active connection; ids ascend with `index`. */
function itemOf(projectId: string, index: number, name: string): Record<string, unknown> {
  const connection = { ...newConnection(AT), id: idOf(index), projectId, name };
  const action = connectionAction({ before: null, after: newStoredConnection(connection) });
  return { ...('Put' in action ? action.Put.Item : {}) };
}

const idOf = (index: number) => `con_019c9f0c-0000-7000-8000-${String(index).padStart(12, '0')}`;

const HAY = 260;
const NEEDLES = 9;

const openTable = testTable(async ({ client, name }) => {
  const hay = Array.from({ length: HAY }, (_, index) => itemOf('many', index, `Hay ${index}`));
  const needles = Array.from({ length: NEEDLES }, (_, index) =>
    itemOf('many', HAY + index, `Needle ${index}`),
  );
  // Another release folded the first name to one between the second and the third.
  const others = [
    { ...itemOf('folded', 0, 'A'), nameKey: nameKey('bb', idOf(0)), foldedName: 'bb' },
    itemOf('folded', 1, 'B'),
    itemOf('folded', 2, 'C'),
  ];
  const requests = [...hay, ...needles, ...others].map((Item) => ({ PutRequest: { Item } }));
  for (let start = 0; start < requests.length; start += 25) {
    const RequestItems = { [name]: requests.slice(start, start + 25) };
    await client.send(new BatchWriteCommand({ RequestItems }));
  }
});

/** A table from which connections are removed after their names were read in an index. */
let table: Table;
let removed: readonly string[];
beforeEach(() => {
  removed = [];
  table = openTable();
  hideFromBatchReads(table, ({ sk }) => removed.some((id) => sk.endsWith(id)));
});

/** Reads a list to its end, and expects every page but the last to be full. */
async function walk(query: Omit<ConnectionQuery, 'after'>): Promise<readonly string[]> {
  const names: string[] = [];
  let after: string | null = null;
  do {
    const page = await connectionReader(table).list({ ...query, after });
    names.push(...page.items.map(({ name }) => name));
    after = page.next;
    if (after !== null) expect(page.items).toHaveLength(query.limit);
    expect(names.length).toBeLessThan(20);
  } while (after !== null);
  return names;
}

describe('a search', () => {
  const needles = Array.from({ length: NEEDLES }, (_, index) => `Needle ${index}`);
  const query = { projectId: 'many', search: 'needle', order: 'asc', limit: 3 } as const;

  test.each(['connectedAt', 'name'] as const)('by %s finds rare names', async (sort) => {
    expect(await walk({ ...query, sort })).toEqual(needles);
  });

  test.each(['connectedAt', 'name'] as const)(
    'by %s has full pages to the end, whatever is removed meanwhile',
    async (sort) => {
      removed = [0, 1, 2, 5].map((needle) => idOf(HAY + needle));
      const left = needles.filter((_, index) => ![0, 1, 2, 5].includes(index));
      expect(await walk({ ...query, sort })).toEqual(left);
    },
  );
});

describe('a search in a project of many names', () => {
  const query = { projectId: 'many', search: 'needle', order: 'asc', limit: 3 } as const;
  /** Units that each read consumes: the third one exceeds the budget of 400. */
  const UNITS = 150;
  let limits: unknown[];
  beforeEach(() => {
    limits = [];
    table.client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName !== 'QueryCommand') return next(args);
          limits.push(Reflect.get(args.input, 'Limit'));
          Object.assign(args.input, { Limit: 20 });
          const result = await next(args);
          Object.assign(result.output, { ConsumedCapacity: { CapacityUnits: UNITS } });
          return result;
        },
      { step: 'initialize' },
    );
  });

  test.each(['connectedAt', 'name'] as const)('by %s ends a page at its read budget', async (sort) => {
    const page = await connectionReader(table).list({ ...query, sort, after: null });
    expect([page.items, limits.length]).toEqual([[], 3]);
    expect(page.next).not.toBeNull();
  });

  test.each(['connectedAt', 'name'] as const)('by %s limits every read of names', async (sort) => {
    await connectionReader(table).list({ ...query, sort, after: null });
    expect(limits).toEqual([1_250, 10_000, 10_000]);
  });

  test.each(['connectedAt', 'name'] as const)('by %s finds every match page by page', async (sort) => {
    const names: string[] = [];
    let pages = 0;
    let after: string | null = null;
    do {
      const page = await connectionReader(table).list({ ...query, sort, after });
      names.push(...page.items.map(({ name }) => name));
      after = page.next;
      pages += 1;
      expect(page.items.length).toBeLessThanOrEqual(query.limit);
    } while (after !== null && pages < 20);
    expect(names).toEqual(Array.from({ length: NEEDLES }, (_, index) => `Needle ${index}`));
    expect(pages).toBeGreaterThan(NEEDLES / query.limit);
  });
});

test('no part of a name matches what a search filters by', async () => {
  for (const search of ['active', '|', 'p:', 'trello']) {
    const query = { projectId: 'many', search, sort: 'connectedAt', order: 'asc', limit: 3 } as const;
    expect(await walk(query), search).toEqual([]);
  }
});

describe('names that another release folded differently', () => {
  test.each([
    ['asc', ['B', 'A', 'C']],
    ['desc', ['C', 'A', 'B']],
  ] as const)('are listed once each, in the order of what is stored: %s', async (order, names) => {
    const query = { projectId: 'folded', sort: 'name', order, limit: 1 } as const;
    expect(await walk(query)).toEqual(names);
  });

  test('are found by the stored name', async () => {
    const query = { projectId: 'folded', sort: 'name', order: 'asc', limit: 1, search: 'b' } as const;
    expect(await walk(query)).toEqual(['B', 'A']);
  });
});
