import type { ConnectionReader } from '../../../domain/model/connection.ts';
import { batchGetConsistent, getConsistent } from './batch-get.ts';
import type { Table } from './client.ts';
import { connectionKey } from './keys.ts';
import { listConnections } from './list.ts';
import { searchConnections } from './search.ts';
import { enabledConnection, toConnection } from './stored-connection.ts';

/** Reads connections from the table. */
export function connectionReader(table: Table): ConnectionReader {
  return {
    async find({ projectId, connectionId }) {
      const item = await getConsistent(table, connectionKey(projectId, connectionId));
      return item && enabledConnection(item, projectId);
    },

    list(query) {
      return query.search === undefined
        ? listConnections(table, query)
        : searchConnections(table, query, query.search);
    },

    async statuses(projectId, connectionIds) {
      const keys = connectionIds.map((id) => connectionKey(projectId, id));
      const items = await batchGetConsistent(table, keys, { attributes: ['summary'] });
      const connections = items.map((item) => toConnection(item, projectId));
      return new Map(connections.map(({ id, status }) => [id, status]));
    },
  };
}
