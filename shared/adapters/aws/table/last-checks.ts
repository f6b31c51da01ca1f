import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod/mini';
import type { LastCheckReader, LastCheckStore } from '../../../domain/checks/ports.ts';
import { after, DAY_SECONDS, timestamp } from '../../../domain/time.ts';
import type { Table } from './client.ts';
import { Expression } from './expression.ts';
import { lastCheckItem } from './items.ts';
import { checkKey } from './keys.ts';
import { plainItem } from './plain.ts';

/** Each write keeps the item for so long: it outlives every cadence, and not for ever its connection. */
const KEPT_DAYS = 40;

/** Reads the last check of a connection. */
export function lastCheckReader(table: Table): LastCheckReader {
  return {
    async findLastCheck(connectionId) {
      const { Item } = await table.client.send(
        new GetCommand({ TableName: table.name, Key: checkKey(connectionId), ConsistentRead: true }),
      );
      const { at, outcome, scheduledFor, answeredAt, retryAt } = lastCheckItem.parse(Item ?? {});
      return at && outcome ? { at, outcome, scheduledFor, answeredAt, retryAt } : undefined;
    },
  };
}

/** Keeps the last check of each connection in an item of its own, small and in no index. */
export function lastCheckStore(table: Table): LastCheckStore {
  return {
    async recordCheck(connectionId, scheduledFor, { at, outcome, retryAt, ...settled }) {
      const expression = new Expression();
      for (const [attribute, value] of Object.entries({ at, outcome, ...settled })) {
        if (value !== undefined) expression.set([attribute], value);
      }
      expression.put('retryAt', retryAt);
      keepSince(expression, new Date(at));
      const name = expression.name(['scheduledFor']);
      const condition = `attribute_not_exists(${name}) OR ${name} < ${expression.value(scheduledFor)}`;
      await updateIf(table, connectionId, expression, condition);
    },

    async claimReport(connectionId, { id, at }, seconds) {
      const expression = new Expression();
      expression.set(['reportId'], id);
      expression.set(['reportedAt'], timestamp(at));
      keepSince(expression, at);
      const reported = expression.name(['reportedAt']);
      const earliest = expression.value(timestamp(after(at, -seconds)));
      const condition = `attribute_not_exists(${reported}) OR ${reported} < ${earliest}`;
      const found = await updateIf(table, connectionId, expression, condition);
      // Where the answer to an update that took effect was lost, the SDK repeats it and finds our own report.
      return found === UPDATED || found.reportId === id;
    },

    async releaseReport(connectionId, { id }) {
      const expression = new Expression();
      const condition = `${expression.name(['reportId'])} = ${expression.value(id)}`;
      expression.put('reportId', undefined);
      expression.put('reportedAt', undefined);
      await updateIf(table, connectionId, expression, condition);
    },
  };
}

function keepSince(expression: Expression, now: Date): void {
  expression.set(['ttl'], Math.floor(after(now, KEPT_DAYS * DAY_SECONDS).getTime() / 1000));
}

const UPDATED = Symbol('updated');

/** What the item held where the condition did not hold. */
async function updateIf(
  { client, name }: Table,
  connectionId: string,
  expression: Expression,
  ConditionExpression: string,
): Promise<typeof UPDATED | z.output<typeof lastCheckItem>> {
  const condition = { ConditionExpression, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  const Key = checkKey(connectionId);
  try {
    await client.send(new UpdateCommand({ TableName: name, Key, ...condition, ...expression.update() }));
    return UPDATED;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return lastCheckItem.parse(plainItem(error.Item ?? {}));
  }
}
