import type { Connection, StoredConnection } from '../../../domain/model/connection.ts';
import { connectionItem, disabledItem, type Item, textOf } from './items.ts';
import { parseProjectSk } from './keys.ts';
import { decodeConnection } from './summary.ts';

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
export function toConnection(item: Item, projectId: string): Connection {
  const { id } = parseProjectSk(textOf(item, 'sk'));
  return decodeConnection({ id, projectId }, textOf(item, 'summary'));
}
