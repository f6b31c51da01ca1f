import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from './client.ts';
import { Expression } from './expression.ts';
import { idempotencyItem } from './items.ts';
import { idempotencyKey } from './keys.ts';

/** A record as it is kept, whoever's it is. */
interface Record {
  readonly claim: string;
  readonly salt: string;
  readonly fingerprint: string;
  readonly lockedUntil: string;
  readonly expiresAt: Date;
  readonly answer?: {
    readonly statusCode: number;
    readonly headers: Readonly<{ [name: string]: string }>;
    readonly body: string;
  };
}

/** Keeps idempotency records in the table. TTL removes them, some time after they expired. */
export function idempotencyStore(table: Table) {
  const { client, name } = table;
  return {
    findRecord: (digest: string) => findRecord(table, digest),

    async replaceRecord(
      digest: string,
      { before, after }: { readonly before: Record | undefined; readonly after: Record | undefined },
    ): Promise<boolean> {
      const Key = idempotencyKey(digest);
      const condition = unchanged(before);
      try {
        if (after === undefined) {
          await client.send(new DeleteCommand({ TableName: name, Key, ...condition }));
        } else {
          const { expiresAt, ...record } = after;
          const Item = { ...Key, ...record, ttl: Math.floor(expiresAt.getTime() / 1000) };
          await client.send(new PutCommand({ TableName: name, Item, ...condition }));
        }
        return true;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
      if (after === undefined) return false;
      // The answer to a put that took effect was lost, and the SDK repeated it.
      const standing = await findRecord(table, digest);
      return standing?.claim === after.claim;
    },
  };
}

async function findRecord({ client, name }: Table, digest: string): Promise<Record | undefined> {
  const Key = idempotencyKey(digest);
  const { Item } = await client.send(new GetCommand({ TableName: name, Key, ConsistentRead: true }));
  if (!Item) return undefined;
  const { ttl, ...record } = idempotencyItem.parse(Item);
  return { ...record, expiresAt: new Date(ttl * 1000) };
}

function unchanged(before: Record | undefined) {
  const expression = new Expression();
  const ConditionExpression = before
    ? `${expression.name(['claim'])} = ${expression.value(before.claim)}`
    : 'attribute_not_exists(pk)';
  return { ConditionExpression, ...expression.names() };
}
