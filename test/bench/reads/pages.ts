import { v7 } from 'uuid';
import { nameKey } from '../../../shared/adapters/aws/table/keys.ts';
import type { ConnectionQuery } from '../../../shared/domain/model/connection.ts';
import { foldName } from '../../../shared/domain/model/name.ts';
import { itemSize, readUnits } from '../item-size.ts';
import { unitsOf } from '../meter.ts';
import type { MeteredProject } from './metered-project.ts';
import { MIDDLE } from './projects.ts';

export type Filter = Pick<ConnectionQuery, 'status' | 'providerId' | 'expiring'>;

const PROVIDER = 'airtable';

/** Every filter of a list. */
export const FILTERS: Readonly<Record<string, Filter>> = {
  none: {},
  active: { status: 'active' },
  inactive: { status: 'inactive' },
  provider: { providerId: PROVIDER },
  'provider, active': { providerId: PROVIDER, status: 'active' },
  'provider, inactive': { providerId: PROVIDER, status: 'inactive' },
  expiring: { expiring: true },
  'provider, expiring': { providerId: PROVIDER, expiring: true },
};

export const LIMITS = [25, 100] as const;

/** One page that was read. */
export interface PageCost {
  readonly query: ConnectionQuery;
  /** Number of connections of the page. */
  readonly items: number;
  /** Bytes of its items in the index. */
  readonly bytes: number;
  /** Read units that the engine reports. */
  readonly consumed: number;
  /** Read units of the page's bytes. */
  readonly minimum: number;
  /** Read units of all items that were read, with the one of look-ahead, by DynamoDB's documentation. */
  readonly documented: number;
}

/** Reads the first and a middle page of a list, in each order. */
export async function readPages(
  metered: MeteredProject,
  filter: Filter,
  limit: number,
): Promise<readonly PageCost[]> {
  const costs: PageCost[] = [];
  for (const sort of ['connectedAt', 'name'] as const) {
    const middle = await middleOf(metered, filter, sort);
    for (const order of ['asc', 'desc'] as const) {
      for (const after of [null, middle]) {
        if (after === undefined) continue;
        const projectId = metered.project.id;
        costs.push(await readPage(metered, { projectId, ...filter, sort, order, limit, after }));
      }
    }
  }
  return costs;
}

async function readPage({ connections, meter }: MeteredProject, query: ConnectionQuery): Promise<PageCost> {
  meter.take();
  const page = await connections.list(query);
  const calls = meter.take();
  const stored = calls.flatMap(({ items }) => items.map(itemSize));
  const bytes = total(stored.slice(0, page.items.length));
  return {
    query,
    items: page.items.length,
    bytes,
    consumed: unitsOf(calls),
    minimum: readUnits(bytes),
    documented: readUnits(total(stored)),
  };
}

/**
 * Returns a position in the middle of a list; undefined if there is none. By age it is a time. By name it is the median
 * of 100 connections created after that time.
 */
async function middleOf(
  { project, connections }: MeteredProject,
  filter: Filter,
  sort: ConnectionQuery['sort'],
): Promise<string | undefined> {
  const after = `con_${v7({ msecs: MIDDLE.getTime() })}`;
  if (sort === 'connectedAt') return after;
  const { items } = await connections.list({
    projectId: project.id,
    ...filter,
    sort: 'connectedAt',
    order: 'asc',
    limit: 100,
    after,
  });
  const names = items.map(({ id, name }) => nameKey(foldName(name), id)).toSorted();
  return names[Math.floor(names.length / 2)];
}

function total(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}
