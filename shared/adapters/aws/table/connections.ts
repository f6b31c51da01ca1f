import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { ConnectionReader } from '../../../domain/connections/reader.ts';
import type { StoredConnection } from '../../../domain/connections/stored.ts';
import type { Table } from './client.ts';
import { batchGetConsistent } from './consistent-batch.ts';
import { connectionItem, countsItem, statusItem } from './items.ts';
import { connectionKey, countsKey, readProjectSk } from './keys.ts';
import { listConnections } from './list.ts';
import { searchConnections } from './search.ts';
import { connectionFromSummary } from './summaries.ts';

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
        new GetCommand({ TableName: table.name, Key: countsKey(projectId) }),
      );
      if (!Item) return { all: 0, active: 0, inactive: 0 };
      const { total, active, inactive } = countsItem.parse(Item);
      return { all: total, active, inactive };
    },

    async statuses(projectId, connectionIds) {
      const keys = connectionIds.map((id) => connectionKey(projectId, id));
      const items = await batchGetConsistent(table, keys, { attributes: ['summary'] });
      return new Map(
        items.map((item) => {
          const { sk, summary } = statusItem.parse(item);
          return [readProjectSk(sk).id, summary.status] as const;
        }),
      );
    },
  };
}

function storedConnection(item: unknown): StoredConnection {
  const { lease = null, reminder = null, ...kept } = connectionItem.parse(item);
  const { revision, secretVersion, cadence } = kept;
  return { connection: connectionFromSummary(item), revision, secretVersion, cadence, lease, reminder };
}
