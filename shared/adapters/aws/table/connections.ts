import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { ConnectionReader, StoredConnection } from '../../../domain/model/connection.ts';
import { batchGetConsistent, getConsistent } from './batch-get.ts';
import type { Table } from './client.ts';
import { connectionItem, countsItem, statusItem } from './items.ts';
import { connectionKey, countsKey, parseProjectSk } from './keys.ts';
import { connectionFromSummary, listConnections } from './list.ts';
import { searchConnections } from './search.ts';
import { decodeSummary } from './summary.ts';

/** Reads connections from the table. */
export function connectionReader(table: Table): ConnectionReader {
  return {
    async find({ projectId, connectionId }) {
      const item = await getConsistent(table, connectionKey(projectId, connectionId));
      return item && toStoredConnection(item, projectId);
    },

    list(query) {
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
          return [parseProjectSk(sk).id, decodeSummary(summary).status] as const;
        }),
      );
    },
  };
}

function toStoredConnection(item: unknown, projectId: string): StoredConnection {
  const { revision, secretVersion, cadence, ...optional } = connectionItem.parse(item);
  const { promotionPending = false, lease = null, reminder = null } = optional;
  const connection = connectionFromSummary(item, { projectId });
  return { connection, revision, secretVersion, promotionPending, cadence, lease, reminder };
}
