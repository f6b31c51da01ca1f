import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Claim, OnceLog } from '../../../domain/once.ts';
import type { Table } from './client.ts';
import { onceItem } from './items.ts';
import { onceKey } from './keys.ts';

/** Keeps in the table what is done once. TTL removes the records, some time after they ran out. */
export function onceLog({ client, name: TableName }: Table): OnceLog {
  return {
    async claimOnce({ deed, id }, { now, until }) {
      const Key = onceKey(deed);
      const Item = { ...Key, claim: id, done: false, ttl: seconds(until) };
      const condition = {
        ConditionExpression: 'attribute_not_exists(pk) OR #ttl <= :now',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: { ':now': seconds(now) },
      };
      try {
        await client.send(new PutCommand({ TableName, Item, ...condition }));
        return 'claimed';
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
      const read = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
      if (!read.Item) return 'held';
      const { claim, done } = onceItem.parse(read.Item);
      if (done) return 'done';
      // The answer to a put that took effect was lost, and the SDK repeated it.
      return claim === id ? 'claimed' : 'held';
    },

    async settleOnce({ deed, id }, until) {
      const Item = { ...onceKey(deed), claim: id, done: true, ttl: seconds(until) };
      await client.send(new PutCommand({ TableName, Item, ...ours(id) }));
    },

    async releaseOnce({ deed, id }) {
      await client.send(new DeleteCommand({ TableName, Key: onceKey(deed), ...ours(id) }));
    },
  };
}

function ours(id: Claim['id']) {
  return {
    ConditionExpression: 'attribute_not_exists(pk) OR claim = :id',
    ExpressionAttributeValues: { ':id': id },
  };
}

function seconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
