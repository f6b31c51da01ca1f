import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { IdempotencyRecord, IdempotencyStore } from '../../../domain/idempotency.ts';
import { timestamp } from '../../../domain/operation-context.ts';
import type { Table } from './client.ts';
import { Expression } from './expression.ts';
import { idempotencyItem } from './items.ts';
import { idempotencyKey } from './keys.ts';

/** Stores idempotency records in the table. TTL removes them some time after they expired. */
export function idempotencyStore({ client, name: TableName }: Table): IdempotencyStore {
  return {
    async acquire(record, { now, replacedOwnerId }) {
      const expression = new Expression();
      const ownerId = expression.name(['ownerId']);
      const conditions = [
        'attribute_not_exists(pk)',
        `${expression.name(['ttl'])} <= ${expression.value(toSeconds(timestamp(now)))}`,
        // A put whose response was lost took effect, and the SDK repeats it.
        `${ownerId} = ${expression.value(record.ownerId)}`,
        ...(replacedOwnerId === undefined ? [] : [`${ownerId} = ${expression.value(replacedOwnerId)}`]),
      ];
      try {
        await client.send(
          new PutCommand({
            TableName,
            Item: toItem(record),
            ConditionExpression: conditions.join(' OR '),
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            ...expression.names(),
          }),
        );
        return record;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException) || !error.Item) throw error;
        return fromItem(record.key, unmarshall(error.Item));
      }
    },

    async complete(record, result) {
      const Item = toItem({ ...record, status: 'completed', result });
      await ignoringOtherOwner(() => client.send(new PutCommand({ TableName, Item, ...onlyOwner(record) })));
    },

    async release(record) {
      const Key = idempotencyKey(record.key);
      await ignoringOtherOwner(() =>
        client.send(new DeleteCommand({ TableName, Key, ...onlyOwner(record) })),
      );
    },
  };
}

function onlyOwner({ ownerId }: IdempotencyRecord) {
  const expression = new Expression();
  const isOwner = `${expression.name(['ownerId'])} = ${expression.value(ownerId)}`;
  return { ConditionExpression: `attribute_not_exists(pk) OR ${isOwner}`, ...expression.names() };
}

/** Another owner acquired the key after the lock expired; its record stays. */
async function ignoringOtherOwner(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

function toItem({ key, expiresAt, ...record }: IdempotencyRecord): Record<string, unknown> {
  return { ...idempotencyKey(key), ...record, ttl: toSeconds(expiresAt) };
}

function fromItem(key: string, item: unknown): IdempotencyRecord {
  const { ttl, ...record } = idempotencyItem.parse(item);
  return { ...record, key, expiresAt: timestamp(new Date(ttl * 1000)) };
}

function toSeconds(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}
