import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { CallBudget } from '../../../domain/checks/ports.ts';
import { FULL_BUCKET, type TokenBucket, takeTokens } from '../../../domain/checks/token-bucket.ts';
import { STALE, untilCommitted } from '../../../domain/optimistic.ts';
import type { Backoff } from '../../../domain/time.ts';
import type { Table } from './client.ts';
import { tokenBucketItem } from './items.ts';
import { tokenBucketKey } from './keys.ts';

/** Keeps each provider's bucket of calls in the table, where all workers share it. */
export function callBudget(table: Table, tools: { readonly backoff: Backoff }): CallBudget {
  return {
    takeTokens(providerId, request, now) {
      return untilCommitted(async () => {
        const before = await findBucket(table, providerId);
        const { bucket, granted, retryAfterSeconds } = takeTokens(before ?? FULL_BUCKET, request, now);
        if (granted === 0) return { granted, retryAfterSeconds };
        const replaced = await replaceBucket(table, providerId, before, bucket);
        return replaced ? { granted, retryAfterSeconds } : STALE;
      }, tools);
    },

    async startCooldown(providerId, seconds, now) {
      await untilCommitted(async () => {
        const before = await findBucket(table, providerId);
        const cooldownUntil = now.getTime() + seconds * 1000;
        if (before && before.cooldownUntil >= cooldownUntil) return;
        const bucket = { ...(before ?? FULL_BUCKET), cooldownUntil };
        return (await replaceBucket(table, providerId, before, bucket)) ? undefined : STALE;
      }, tools);
    },
  };
}

async function findBucket({ client, name }: Table, providerId: string): Promise<TokenBucket | undefined> {
  const Key = tokenBucketKey(providerId);
  const { Item } = await client.send(new GetCommand({ TableName: name, Key, ConsistentRead: true }));
  return Item && tokenBucketItem.parse(Item);
}

async function replaceBucket(
  { client, name }: Table,
  providerId: string,
  before: TokenBucket | undefined,
  after: TokenBucket,
): Promise<boolean> {
  const unchanged = before && {
    ConditionExpression: '#tokens = :tokens AND #at = :at AND #cooldownUntil = :cooldownUntil',
    ExpressionAttributeNames: { '#tokens': 'tokens', '#at': 'at', '#cooldownUntil': 'cooldownUntil' },
    ExpressionAttributeValues: {
      ':tokens': before.tokens,
      ':at': before.at,
      ':cooldownUntil': before.cooldownUntil,
    },
  };
  const condition = unchanged ?? { ConditionExpression: 'attribute_not_exists(pk)' };
  try {
    await client.send(
      new PutCommand({ TableName: name, Item: { ...tokenBucketKey(providerId), ...after }, ...condition }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
