import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { CheckLedger, CheckReader } from '../../../domain/checks/ports.ts';
import { after, DAY_SECONDS, timestamp } from '../../../domain/time.ts';
import { checkItem } from '../../../store/items.ts';
import { checkKey } from '../../../store/keys.ts';
import type { Table } from './client.ts';
import { Expression } from './expression.ts';

/** Each write keeps the item for so long: it outlives every cadence, and not for ever its connection. */
const KEPT_DAYS = 40;

/** Reads the last check of a connection. */
export function checkReader(table: Table): CheckReader {
  return {
    async findCheck(connectionId) {
      const { Item } = await table.client.send(
        new GetCommand({ TableName: table.name, Key: checkKey(connectionId), ConsistentRead: true }),
      );
      const { turn, at, outcome } = checkItem.parse(Item ?? {});
      return turn && at && outcome ? { turn, at, outcome } : undefined;
    },
  };
}

/** Keeps the last check of each connection in an item of its own, small and in no index. */
export function checkLedger(table: Table): CheckLedger {
  return {
    async recordCheck(connectionId, { turn, at, outcome }) {
      const expression = new Expression();
      expression.set(['turn'], turn);
      expression.set(['at'], at);
      expression.set(['outcome'], outcome);
      keepSince(expression, new Date(at));
      const name = expression.name(['turn']);
      const condition = `attribute_not_exists(${name}) OR ${name} < ${expression.value(turn)}`;
      await updateIf(table, connectionId, expression, condition);
    },

    claimReport(connectionId, now, seconds) {
      const expression = new Expression();
      expression.set(['reportedAt'], timestamp(now));
      keepSince(expression, now);
      const name = expression.name(['reportedAt']);
      const earliest = expression.value(timestamp(after(now, -seconds)));
      return updateIf(
        table,
        connectionId,
        expression,
        `attribute_not_exists(${name}) OR ${name} < ${earliest}`,
      );
    },
  };
}

function keepSince(expression: Expression, now: Date): void {
  expression.set(['ttl'], Math.floor(after(now, KEPT_DAYS * DAY_SECONDS).getTime() / 1000));
}

/** Whether the condition held and the update was made. */
async function updateIf(
  { client, name }: Table,
  connectionId: string,
  expression: Expression,
  ConditionExpression: string,
): Promise<boolean> {
  const Key = checkKey(connectionId);
  try {
    await client.send(
      new UpdateCommand({ TableName: name, Key, ConditionExpression, ...expression.update() }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
