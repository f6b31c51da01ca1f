import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { foldName } from '../../../shared/domain/model/name.ts';
import { SHARED_WORDS } from '../../../tools/seed/names.ts';
import { itemSize, readUnits } from '../item-size.ts';
import { unitsOf } from '../meter.ts';
import type { MeteredProject } from './metered-project.ts';
import { FILTERS } from './pages.ts';

const WORDS = { ...SHARED_WORDS, none: 'Xanadu' } as const;

/** Share of the names with each word. */
export const HITS: Readonly<Record<keyof typeof WORDS, string>> = {
  half: '50 %',
  tenth: '10 %',
  thousandth: '0.1 %',
  none: 'nothing',
};

const FILTERED = ['none', 'active', 'inactive', 'provider', 'expiring'] as const;
const LIMIT = 25;

/** The cost of the first page of one search. */
export interface SearchCost {
  readonly word: keyof typeof WORDS;
  readonly filter: string;
  readonly sort: 'connectedAt' | 'name';
  readonly items: number;
  readonly consumed: number;
  /** Read units of the project's names, and of the page: a half for each connection. */
  readonly minimum: number;
}

/** Reads the first page of a search for each word, with and without filters, by age and by name. */
export async function readSearches(metered: MeteredProject): Promise<readonly SearchCost[]> {
  const { project, connections, meter } = metered;
  const names = await measureNames(metered);
  const costs: SearchCost[] = [];
  for (const word of ['half', 'tenth', 'thousandth', 'none'] as const) {
    for (const filter of FILTERED) {
      for (const sort of ['connectedAt', 'name'] as const) {
        const query = { ...FILTERS[filter], search: foldName(WORDS[word]), sort } as const;
        meter.take();
        const { items } = await connections.list({
          projectId: project.id,
          ...query,
          order: sort === 'name' ? 'asc' : 'desc',
          limit: LIMIT,
          after: null,
        });
        const minimum = readUnits(names) + items.length / 2;
        costs.push({ word, filter, sort, items: items.length, consumed: unitsOf(meter.take()), minimum });
      }
    }
  }
  return costs;
}

/** Returns the bytes of all names in the search index. */
async function measureNames({ project, table, meter }: MeteredProject) {
  let names = 0;
  let startKey: Record<string, unknown> | undefined;
  meter.take();
  do {
    const { LastEvaluatedKey } = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        IndexName: 'names-by-age',
        KeyConditionExpression: 'searchKey = :project',
        ExpressionAttributeValues: { ':project': project.id },
        ExclusiveStartKey: startKey,
      }),
    );
    startKey = LastEvaluatedKey;
    for (const { items } of meter.take()) for (const item of items) names += itemSize(item);
  } while (startKey);
  return names;
}
