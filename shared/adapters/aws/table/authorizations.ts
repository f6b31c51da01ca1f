import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Authorization, AuthorizationStore } from '../../../domain/authorizations/authorization.ts';
import { DAY_SECONDS, type OperationContext } from '../../../domain/operation-context.ts';
import { getConsistent } from './batch-get.ts';
import type { Table } from './client.ts';
import { Expression } from './expression.ts';
import { authorizationItem } from './items.ts';
import { authorizationKey } from './keys.ts';

/** Time for which an expired authorization can be looked up, for repetitions of its completion. */
const RETENTION_SECONDS = DAY_SECONDS;

/** Stores authorizations in the table. TTL removes them a day after they expired. */
export function authorizationStore(table: Table, { ids }: Pick<OperationContext, 'ids'>): AuthorizationStore {
  const { client, name: TableName } = table;

  /** Puts the item, and returns true also where an earlier attempt of the SDK put it and its response was lost. */
  async function put(authorization: Authorization, condition: (expression: Expression) => string) {
    const expression = new Expression();
    const revision = expression.name(['revision']);
    const own = `${revision} = ${expression.value(authorization.revision)}`;
    const command = new PutCommand({
      TableName,
      Item: toItem(authorization),
      ConditionExpression: `${condition(expression)} OR ${own}`,
      ...expression.names(),
    });
    try {
      await client.send(command);
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  return {
    async create(authorization) {
      const created = { ...authorization, revision: ids.next() };
      if (await put(created, (expression) => `attribute_not_exists(${expression.name(['pk'])})`)) return;
      throw new Error('A new authorization id was already taken.');
    },

    async find(id) {
      const item = await getConsistent(table, authorizationKey(id));
      return item && authorizationItem.parse(item);
    },

    async replace(before, after) {
      const replaced = { ...after, revision: ids.next() };
      const isReplaced = await put(
        replaced,
        (expression) => `${expression.name(['revision'])} = ${expression.value(before.revision)}`,
      );
      return isReplaced ? replaced : undefined;
    },
  };
}

function toItem(authorization: Authorization): Record<string, unknown> {
  const ttl = Math.floor(Date.parse(authorization.expiresAt) / 1000) + RETENTION_SECONDS;
  return { ...authorizationKey(authorization.id), ...authorization, ttl };
}
