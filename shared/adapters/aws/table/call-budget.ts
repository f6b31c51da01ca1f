import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import {
  type CallBudget,
  type TokenBucket,
  takeTokens,
  withCooldown,
} from '../../../domain/checks/token-bucket.ts';
import type { Backoff } from '../../../domain/operation-context.ts';
import { STALE, untilCommitted } from '../../../domain/optimistic.ts';
import { getConsistent } from './batch-get.ts';
import type { Table } from './client.ts';
import { Expression } from './expression.ts';
import { tokenBucketItem } from './items.ts';
import { tokenBucketKey } from './keys.ts';

/** Stores each provider's token bucket in the table, where all workers share it. */
export function callBudget(table: Table, context: { readonly backoff: Backoff }): CallBudget {
  return {
    takeTokens(providerId, request, now) {
      return untilCommitted(async () => {
        const before = await findBucket(table, providerId);
        const { bucket, ...grant } = takeTokens(before, request, now);
        if (grant.granted === 0 && !(grant.isReserved && !request.isReserved)) return grant;
        return (await replaceBucket(table, providerId, before, bucket)) ? grant : STALE;
      }, context);
    },

    async startCooldown(providerId, seconds, now) {
      await untilCommitted(async () => {
        const before = await findBucket(table, providerId);
        const bucket = withCooldown(before, now.getTime() + seconds * 1000);
        if (bucket === before) return;
        return (await replaceBucket(table, providerId, before, bucket)) ? undefined : STALE;
      }, context);
    },
  };
}

async function findBucket(table: Table, providerId: string): Promise<TokenBucket | undefined> {
  const item = await getConsistent(table, tokenBucketKey(providerId));
  return item && tokenBucketItem.parse(item);
}

async function replaceBucket(
  { client, name }: Table,
  providerId: string,
  before: TokenBucket | undefined,
  after: TokenBucket,
): Promise<boolean> {
  const expression = new Expression();
  const unchanged = Object.entries(before ?? {}).map(
    ([attribute, value]) => `${expression.name([attribute])} = ${expression.value(value)}`,
  );
  const condition = before ? unchanged.join(' AND ') : 'attribute_not_exists(pk)';
  try {
    await client.send(
      new PutCommand({
        TableName: name,
        Item: { ...tokenBucketKey(providerId), ...after },
        ConditionExpression: condition,
        ...expression.names(),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
