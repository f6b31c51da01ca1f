import type { Connection, ConnectionQuery } from '../../../domain/model/connection.ts';
import { invalidCursor, type Page } from '../../../domain/paging.ts';
import { CONNECTION_ID } from '../../../domain/terms.ts';
import type { Table } from './client.ts';
import type { IndexName } from './definition.ts';
import { type Item, textOf } from './items.ts';
import {
  CONNECTION_SKS,
  connectionIdOf,
  connectionKey,
  listKeys,
  parseProjectSk,
  projectPk,
} from './keys.ts';
import { queryPage, type Range } from './query.ts';
import { toConnection } from './stored-connection.ts';

/** Lists a page of connections from the one range that holds exactly the matching ones, in order. */
export async function listConnections(table: Table, query: ConnectionQuery): Promise<Page<Connection>> {
  const range = listRange(query);
  if (!range) return { items: [], next: null };
  const { items, more } = await queryPage(table, range, query.limit);
  const connections = items.map((item) => toConnection(item, query.projectId));
  const last = items.at(-1);
  return { items: connections, next: more && last ? positionOf(last, query) : null };
}

/** Returns the range of a list; null if no connection can match, because an inactive one is never expiring. */
function listRange(query: ConnectionQuery): Range | null {
  if (query.expiring && query.status === 'inactive') return null;
  const [list, ...partition] = partitionOf(query);
  const attributes = query.sort === 'name' ? ['sk', 'summary', 'nameKey'] : ['sk', 'summary'];
  const range = { partition, order: query.order, startKey: startKeyOf(query, partition), attributes };
  if (list !== 'all') {
    return { ...range, index: `${list}-by-${query.sort === 'name' ? 'name' : 'age'}` as const };
  }
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

/** DynamoDB's maximum size of a sort key. */
const MAX_KEY_BYTES = 1_024;

/**
 * Returns the position of an item in a list: its connection's id by age; by name its name key, as it was stored, since
 * another release may fold names differently.
 */
export function positionOf(item: Item, { sort }: Pick<ConnectionQuery, 'sort'>): string {
  return sort === 'name' ? textOf(item, 'nameKey') : parseProjectSk(textOf(item, 'sk')).id;
}

/**
 * Returns the key after which a list continues, with the key attributes of any of its indexes.
 *
 * @throws DomainError `invalid_cursor` for a position that no list can have returned.
 */
export function startKeyOf(
  { projectId, sort, after }: Pick<ConnectionQuery, 'projectId' | 'sort' | 'after'>,
  [attribute, value]: readonly [attribute: string, value: string],
): Record<string, string> | undefined {
  if (after === null) return undefined;
  const id = sort === 'name' ? connectionIdOf(after) : after;
  if (!CONNECTION_ID.test(id) || Buffer.byteLength(after) > MAX_KEY_BYTES) throw invalidCursor();
  return {
    ...connectionKey(projectId, id),
    [attribute]: value,
    ...(sort === 'name' && { nameKey: after }),
  };
}
