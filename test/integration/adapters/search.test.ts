import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createTable } from '../../../local/table/create.ts';
import { type Engine, startEngine } from '../../../local/table/engine.ts';
import { openTable, type Table } from '../../../shared/adapters/aws/table/client.ts';
import { connectionAction } from '../../../shared/adapters/aws/table/connection-actions.ts';
import { connectionReader } from '../../../shared/adapters/aws/table/connections.ts';
import { nameKey } from '../../../shared/adapters/aws/table/keys.ts';
import type { ConnectionQuery } from '../../../shared/domain/connections/reader.ts';
import { newConnection, newStoredConnection } from '../../harness/connections.ts';

const AT = '2026-03-03T14:05:59.000Z';

/** The item of an active connection; ids ascend with `index`. */
function itemOf(projectId: string, index: number, name: string): Record<string, unknown> {
  const connection = { ...newConnection(AT), id: idOf(index), projectId, name };
  const action = connectionAction({ before: null, after: newStoredConnection(connection) });
  return { ...('Put' in action ? action.Put.Item : {}) };
}

const idOf = (index: number) => `con_019c9f0c-0000-7000-8000-${String(index).padStart(12, '0')}`;

/** Beyond what a search reads of the list before it turns to the names. */
const HAY = 260;
const NEEDLES = 9;

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine({});
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: engine.url,
  });
  await createTable('search', engine.url);
  const hay = Array.from({ length: HAY }, (_, index) => itemOf('many', index, `Hay ${index}`));
  const needles = Array.from({ length: NEEDLES }, (_, index) =>
    itemOf('many', HAY + index, `Needle ${index}`),
  );
  // As another release wrote them: it folds the first name to what comes between the second and the third.
  const others = [
    { ...itemOf('folded', 0, 'A'), nameKey: nameKey('bb', idOf(0)) },
    itemOf('folded', 1, 'B'),
    itemOf('folded', 2, 'C'),
  ];
  const requests = [...hay, ...needles, ...others].map((Item) => ({ PutRequest: { Item } }));
  const { client } = openTable('search');
  for (let start = 0; start < requests.length; start += 25) {
    const search = requests.slice(start, start + 25);
    await client.send(new BatchWriteCommand({ RequestItems: { search } }));
  }
  client.destroy();
});
afterAll(() => engine.close());

const read = z.object({ Responses: z.object({ search: z.array(z.looseObject({ sk: z.string() })) }) });

/** A table from which `removed` were taken after their names were read in an index. */
let table: Table;
let removed: readonly string[];
beforeEach(() => {
  removed = [];
  table = openTable('search');
  table.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        if (commandName !== 'BatchGetItemCommand') return answer;
        const items = read.parse(answer.output).Responses.search;
        const search = items.filter(({ sk }) => !removed.some((id) => sk.endsWith(id)));
        Object.assign(answer.output, { Responses: { search } });
        return answer;
      },
    { step: 'initialize' },
  );
});
afterEach(() => table.client.destroy());

/** Follows a list to its end; fails where a page that another follows is not full. */
async function walk(query: Omit<ConnectionQuery, 'after'>): Promise<readonly string[]> {
  const names: string[] = [];
  let after: string | null = null;
  do {
    const page = await connectionReader(table).connections({ ...query, after });
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

  test.each(['connectedAt', 'name'] as const)('by %s finds what is rare', async (sort) => {
    expect(await walk({ ...query, sort })).toEqual(needles);
  });

  test.each(['connectedAt', 'name'] as const)(
    'by %s has full pages, and goes on, whatever was removed meanwhile',
    async (sort) => {
      removed = [0, 1, 2, 5].map((needle) => idOf(HAY + needle));
      const left = needles.filter((_, index) => ![0, 1, 2, 5].includes(index));
      expect(await walk({ ...query, sort })).toEqual(left);
    },
  );
});

describe('names that another release folded', () => {
  test.each([
    ['asc', ['B', 'A', 'C']],
    ['desc', ['C', 'A', 'B']],
  ] as const)('are listed once each, where they stand: %s', async (order, names) => {
    const query = { projectId: 'folded', sort: 'name', order, limit: 1 } as const;
    expect(await walk(query)).toEqual(names);
  });

  test('are found by what they were folded to', async () => {
    const query = { projectId: 'folded', sort: 'name', order: 'asc', limit: 1, search: 'b' } as const;
    expect(await walk(query)).toEqual(['B', 'A']);
  });
});
