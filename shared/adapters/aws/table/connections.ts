import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { ConnectionReader } from '../../../domain/model/connection.ts';
import { batchGetConsistent, getConsistent } from './batch-get.ts';
import type { Table } from './client.ts';
import { countsItem, statusItem } from './items.ts';
import { connectionKey, countsKey, parseProjectSk } from './keys.ts';
import { listConnections } from './list.ts';
import { searchConnections } from './search.ts';
import { isDisabled, storedConnection } from './stored-connection.ts';
import { decodeSummary } from './summary.ts';

/** Reads connections from the table. */
export function connectionReader(table: Table): ConnectionReader {
  return {
    async find({ projectId, connectionId }) {
      const item = await getConsistent(table, connectionKey(projectId, connectionId));
      return item && !isDisabled(item) ? storedConnection(item, projectId) : undefined;
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
