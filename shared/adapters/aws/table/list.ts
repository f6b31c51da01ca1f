import type { Connection, ConnectionQuery } from '../../../domain/model/connection.ts';
import { foldName } from '../../../domain/model/name.ts';
import { invalidCursor, type Page } from '../../../domain/paging.ts';
import { CONNECTION_ID } from '../../../domain/terms.ts';
import type { Table } from './client.ts';
import type { IndexName } from './definition.ts';
import { summaryItem } from './items.ts';
import {
  CONNECTION_SKS,
  connectionIdOf,
  connectionKey,
  foldedNameOf,
  listKeys,
  nameKey as nameKeyOf,
  projectPk,
} from './keys.ts';
import { queryPage, type Range } from './query.ts';
import { connectionFromSummary, toConnection } from './stored-connection.ts';

/** Lists a page of connections from the one range that holds exactly the matching ones, in order. */
export async function listConnections(table: Table, query: ConnectionQuery): Promise<Page<Connection>> {
  const range = listRange(query);
  if (!range) return { items: [], next: null };
  const { items, more } = await queryPage(table, range, query.limit);
  const last = items.at(-1);
  const next = more && last ? positionOf(toNamedSummary(last, query), query) : null;
  return { items: items.map((item) => connectionFromSummary(item, query.projectId)), next };
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

/** A connection's summary with its position in a list by name. */
export interface NamedSummary {
  readonly connection: Connection;
  /** As it was stored: another release may fold names differently. */
  readonly nameKey: string;
  readonly foldedName: string;
}

/** Returns the connection with its position by name, which is computed where the item was read without it. */
export function toNamedSummary(
  item: unknown,
  { projectId }: Pick<ConnectionQuery, 'projectId'>,
): NamedSummary {
  const parsed = summaryItem.parse(item);
  const connection = toConnection(parsed, projectId);
  const nameKey = parsed.nameKey ?? nameKeyOf(foldName(connection.name), connection.id);
  return { connection, nameKey, foldedName: foldedNameOf(nameKey) };
}

/** DynamoDB's maximum size of a sort key. */
const MAX_KEY_BYTES = 1_024;

/** Returns the position of a connection in a list: its id by age, its name key by name. */
export function positionOf(
  { connection, nameKey }: NamedSummary,
  { sort }: Pick<ConnectionQuery, 'sort'>,
): string {
  return sort === 'name' ? nameKey : connection.id;
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
