import type * as z from 'zod/mini';
import type { Connection, StoredConnection } from '../../../domain/model/connection.ts';
import { connectionItem, disabledItem, summaryItem } from './items.ts';
import { parseProjectSk } from './keys.ts';
import { decodeSummary } from './summary.ts';

/** The store that an item does not name, to save space. */
export const DEFAULT_STORE = 'secret-per-connection';

/** Returns the connection that an item stores. */
export function storedConnection(item: unknown, projectId: string): StoredConnection {
  const parsed = connectionItem.parse(item);
  const { revision, credentialsVersion, cadence, ...optional } = parsed;
  const { promotionPending = false, lease = null, interruptedRefresh = null } = optional;
  const { accessToken = null, reminder = null, credentialStore = DEFAULT_STORE } = optional;
  const connection = toConnection(parsed, projectId);
  return {
    ...{ connection, revision, credentialsVersion, credentialStore, promotionPending, cadence },
    ...{ lease, interruptedRefresh, accessToken, reminder },
  };
}

/** Returns the connection that an item stores; undefined for one that the deletion of its project disabled. */
export function enabledConnection(item: unknown, projectId: string): StoredConnection | undefined {
  return disabledItem.parse(item).disabled ? undefined : storedConnection(item, projectId);
}

/** Returns the connection in an item of the table or of a list index. */
export function connectionFromSummary(item: unknown, projectId: string): Connection {
  return toConnection(summaryItem.parse(item), projectId);
}

/** Returns the connection in a parsed item of the table or of a list index. */
export function toConnection({ sk, summary }: z.output<typeof summaryItem>, projectId: string): Connection {
  return { id: parseProjectSk(sk).id, projectId, ...decodeSummary(summary) };
}
