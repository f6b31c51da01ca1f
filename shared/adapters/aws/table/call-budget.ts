import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { type Bucket, FULL_BUCKET, taken } from '../../../domain/checks/bucket.ts';
import type { CallBudget } from '../../../domain/checks/ports.ts';
import { STALE, untilCommitted } from '../../../domain/optimistic.ts';
import type { Backoff } from '../../../domain/time.ts';
import { budgetItem } from '../../../store/items.ts';
import { budgetKey } from '../../../store/keys.ts';
import type { Table } from './client.ts';

/** Keeps each provider's bucket of calls in the table, where all workers share it. */
export function callBudget(table: Table, tools: { readonly backoff: Backoff }): CallBudget {
  return {
    takeCalls(providerId, wanted, now) {
      return untilCommitted(async () => {
        const before = await findBucket(table, providerId);
        const { bucket, granted, retryAfterSeconds } = taken(before ?? FULL_BUCKET, wanted, now);
        if (granted === 0) return { granted, retryAfterSeconds };
        const replaced = await replaceBucket(table, providerId, before, bucket);
        return replaced ? { granted, retryAfterSeconds } : STALE;
      }, tools);
    },

    async pauseCalls(providerId, seconds, now) {
      await untilCommitted(async () => {
        const before = await findBucket(table, providerId);
        const pausedUntil = now.getTime() + seconds * 1000;
        if (before && before.pausedUntil >= pausedUntil) return;
        const bucket = { ...(before ?? FULL_BUCKET), pausedUntil };
        return (await replaceBucket(table, providerId, before, bucket)) ? undefined : STALE;
      }, tools);
    },
  };
}

async function findBucket({ client, name }: Table, providerId: string): Promise<Bucket | undefined> {
  const Key = budgetKey(providerId);
  const { Item } = await client.send(new GetCommand({ TableName: name, Key, ConsistentRead: true }));
  return Item && budgetItem.parse(Item);
}

async function replaceBucket(
  { client, name }: Table,
  providerId: string,
  before: Bucket | undefined,
  after: Bucket,
): Promise<boolean> {
  const unchanged = before && {
    ConditionExpression: '#calls = :calls AND #at = :at AND #pausedUntil = :pausedUntil',
    ExpressionAttributeNames: { '#calls': 'calls', '#at': 'at', '#pausedUntil': 'pausedUntil' },
    ExpressionAttributeValues: {
      ':calls': before.calls,
      ':at': before.at,
      ':pausedUntil': before.pausedUntil,
    },
  };
  const condition = unchanged ?? { ConditionExpression: 'attribute_not_exists(pk)' };
  try {
    await client.send(
      new PutCommand({ TableName: name, Item: { ...budgetKey(providerId), ...after }, ...condition }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
