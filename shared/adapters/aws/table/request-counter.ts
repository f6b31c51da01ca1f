import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { RequestCounter } from '../../../domain/access/request-limit.ts';
import { timestamp } from '../../../domain/operation-context.ts';
import type { Table } from './client.ts';
import { requestCountItem } from './items.ts';
import { requestCountKey } from './keys.ts';

/** Counts are of no use after their minute; TTL removes them some time after an hour. */
const KEPT_SECONDS = 3_600;

/** Counts requests in the table, by one write each. A request that the SDK repeats may count twice. */
export function requestCounter({ client, name: TableName }: Table): RequestCounter {
  return {
    async count(projectId, minute) {
      const { Attributes } = await client.send(
        new UpdateCommand({
          TableName,
          Key: { ...requestCountKey(projectId, timestamp(minute)) },
          UpdateExpression: 'SET #ttl = :ttl ADD requests :one',
          ExpressionAttributeNames: { '#ttl': 'ttl' },
          ExpressionAttributeValues: { ':ttl': minute.getTime() / 1000 + KEPT_SECONDS, ':one': 1 },
          ReturnValues: 'UPDATED_NEW',
        }),
      );
      return requestCountItem.parse(Attributes).requests;
    },
  };
}
