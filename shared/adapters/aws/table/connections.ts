import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { ConnectionReader } from '../../../domain/connections/reader.ts';
import type { StoredConnection } from '../../../domain/connections/stored.ts';
import { connectionItem, statusItem, summaryItem } from '../../../store/items.ts';
import { connectionKey, readProjectSk, summaryKey } from '../../../store/keys.ts';
import type { Table } from './client.ts';
import { listConnections } from './list.ts';
import { listedConnection } from './listed.ts';
import { getPresent } from './present.ts';
import { searchConnections } from './search.ts';

/** Reads connections from the table. */
export function connectionReader(table: Table): ConnectionReader {
  return {
    async findConnection(projectId, connectionId) {
      const Key = connectionKey(projectId, connectionId);
      const { Item } = await table.client.send(
        new GetCommand({ TableName: table.name, Key, ConsistentRead: true }),
      );
      return Item && storedConnection(Item);
    },

    connections(query) {
      return query.search === undefined
        ? listConnections(table, query)
        : searchConnections(table, query, query.search);
    },

    async counts(projectId) {
      const { Item } = await table.client.send(
        new GetCommand({ TableName: table.name, Key: summaryKey(projectId) }),
      );
      if (!Item) return { all: 0, active: 0, inactive: 0 };
      const { total, active, inactive } = summaryItem.parse(Item);
      return { all: total, active, inactive };
    },

    async statuses(projectId, connectionIds) {
      const keys = connectionIds.map((id) => connectionKey(projectId, id));
      const items = await getPresent(table, keys, { attributes: ['listed'] });
      return new Map(
        items.map((item) => {
          const { sk, listed } = statusItem.parse(item);
          return [readProjectSk(sk).id, listed.status] as const;
        }),
      );
    },
  };
}

function storedConnection(item: unknown): StoredConnection {
  const { reconnecting = null, milestone = null, ...kept } = connectionItem.parse(item);
  const { revision, secretVersion, cadence } = kept;
  return { connection: listedConnection(item), revision, secretVersion, cadence, reconnecting, milestone };
}
