import { v7 } from 'uuid';
import { nameKey } from '../../../shared/adapters/aws/table/keys.ts';
import { foldName } from '../../../shared/domain/connections/name.ts';
import type { ConnectionQuery } from '../../../shared/domain/connections/reader.ts';
import { itemSize, readUnits } from '../item-size.ts';
import { unitsOf } from '../meter.ts';
import type { MeteredProject } from './metered-project.ts';
import { MIDDLE } from './projects.ts';

export type Filter = Pick<ConnectionQuery, 'status' | 'providerId' | 'expiring'>;

const PROVIDER = 'airtable';

/** Every filter that a list can have. */
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
  /** How many connections it shows. */
  readonly items: number;
  /** What the stored items that it shows weigh, as the index keeps them. */
  readonly bytes: number;
  /** What the engine consumed. */
  readonly consumed: number;
  /** What reading the page's bytes costs. */
  readonly due: number;
  /** What reading all that was read costs by DynamoDB's rules, the item of look-ahead included. */
  readonly reckoned: number;
}

/** The first and a middle page of a list, in each order. */
export async function pagesOf(
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
        costs.push(await read(metered, { projectId, ...filter, sort, order, limit, after }));
      }
    }
  }
  return costs;
}

async function read({ reader, meter }: MeteredProject, query: ConnectionQuery): Promise<PageCost> {
  meter.take();
  const page = await reader.connections(query);
  const calls = meter.take();
  const stored = calls.flatMap(({ items }) => items.map(itemSize));
  const bytes = total(stored.slice(0, page.items.length));
  return {
    query,
    items: page.items.length,
    bytes,
    consumed: unitsOf(calls),
    due: readUnits(bytes),
    reckoned: readUnits(total(stored)),
  };
}

/**
 * A position in the middle of a list; undefined where nothing is there. By age it is a moment, at which no
 * connection need have been made. By name it is the one in the middle of those made around that moment.
 */
async function middleOf(
  { project, reader }: MeteredProject,
  filter: Filter,
  sort: ConnectionQuery['sort'],
): Promise<string | undefined> {
  const after = `con_${v7({ msecs: MIDDLE.getTime() })}`;
  if (sort === 'connectedAt') return after;
  const { items } = await reader.connections({
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
