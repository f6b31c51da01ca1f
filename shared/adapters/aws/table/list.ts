import type { Connection } from '../../../domain/connections/connection.ts';
import type { ConnectionQuery } from '../../../domain/connections/reader.ts';
import type { Page } from '../../../domain/paging.ts';
import type { Table } from './client.ts';
import type { IndexName } from './definition.ts';
import { CONNECTION_SKS, listKeys, projectPk } from './keys.ts';
import { positionOf, startKeyOf } from './position.ts';
import { queryPage, type Range } from './query.ts';
import { connectionFromSummary, summaryByName } from './summaries.ts';

/** A page of a project's connections, from the one range that holds just those that are wanted, in order. */
export async function listConnections(table: Table, query: ConnectionQuery): Promise<Page<Connection>> {
  const range = listRange(query);
  if (!range) return { items: [], next: null };
  const { items, more } = await queryPage(table, range, query.limit);
  const last = items.at(-1);
  const next = more && last ? positionOf(summaryByName(last), query) : null;
  return { items: items.map(connectionFromSummary), next };
}

/** The range of a list; none where no connection can be wanted: an inactive one is never expiring. */
export function listRange(query: ConnectionQuery): Range | null {
  if (query.expiring && query.status === 'inactive') return null;
  const [list, ...partition] = partitionOf(query);
  const range = { partition, order: query.order, startKey: startKeyOf(query, partition) };
  if (list !== 'all')
    return { ...range, index: `${list}-by-${query.sort === 'name' ? 'name' : 'age'}` as const };
  if (query.sort === 'name') return { ...range, index: 'all-by-name' };
  return { ...range, sort: ['sk', CONNECTION_SKS.from, CONNECTION_SKS.to] };
}

type ListOf<N> = N extends `${infer L}-by-age` ? Exclude<L, 'names'> : never;
type List = 'all' | ListOf<IndexName>;

function partitionOf({ projectId, status, providerId, expiring }: ConnectionQuery): [List, string, string] {
  if (expiring && providerId) {
    return ['provider-expiring', 'providerExpiringKey', listKeys.providerExpiring(projectId, providerId)];
  }
  if (expiring) return ['expiring', 'expiringKey', listKeys.expiring(projectId)];
  if (providerId && status) {
    return ['provider-status', 'providerStatusKey', listKeys.providerStatus(projectId, providerId, status)];
  }
  if (providerId) return ['provider', 'providerKey', listKeys.provider(projectId, providerId)];
  if (status) return ['status', 'statusKey', listKeys.status(projectId, status)];
  return ['all', 'pk', projectPk(projectId)];
}
