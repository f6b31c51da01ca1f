import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type * as z from 'zod/mini';
import type { LastCheck, LastCheckReader, LastCheckStore } from '../../../domain/checks/ports.ts';
import { addSeconds, DAY_SECONDS, timestamp } from '../../../domain/operation-context.ts';
import { getConsistent, getEventual } from './batch-get.ts';
import type { Table } from './client.ts';
import { Expression } from './expression.ts';
import { lastCheckItem } from './items.ts';
import { lastCheckKey } from './keys.ts';

/** Each write extends the item's life by this: longer than any cadence, and not forever after its connection. */
const RETENTION_DAYS = 40;

/** Reads last checks from the table. */
export function lastCheckReader(table: Table): LastCheckReader {
  return {
    find: async (connectionId) => toLastCheck(await getConsistent(table, lastCheckKey(connectionId))),
    findEventual: async (connectionId) => toLastCheck(await getEventual(table, lastCheckKey(connectionId))),
  };
}

function toLastCheck(item: unknown): LastCheck | undefined {
  const { at, outcome, scheduledFor, respondedAt, retryAt } = lastCheckItem.parse(item ?? {});
  return at && outcome ? { at, outcome, scheduledFor, respondedAt, retryAt } : undefined;
}

/** Stores the last check of each connection in a small item without index. */
export function lastCheckStore(table: Table): LastCheckStore {
  return {
    async record(connectionId, scheduledFor, { at, outcome, retryAt, ...optional }) {
      const expression = new Expression();
      for (const [attribute, value] of Object.entries({ at, outcome, ...optional })) {
        if (value !== undefined) expression.set([attribute], value);
      }
      expression.put('retryAt', retryAt);
      extendLife(expression, new Date(at));
      const name = expression.name(['scheduledFor']);
      const condition = `attribute_not_exists(${name}) OR ${name} < ${expression.value(scheduledFor)}`;
      await updateIf(table, connectionId, expression, condition);
    },

    async claimReport(connectionId, { id, at }, seconds) {
      const expression = new Expression();
      expression.set(['reportId'], id);
      expression.set(['reportedAt'], timestamp(at));
      extendLife(expression, at);
      const reportedAt = expression.name(['reportedAt']);
      const earliest = expression.value(timestamp(addSeconds(at, -seconds)));
      const condition = `attribute_not_exists(${reportedAt}) OR ${reportedAt} < ${earliest}`;
      const current = await updateIf(table, connectionId, expression, condition);
      // An update whose response was lost took effect, and the SDK's repetition finds our own report.
      return current === UPDATED || current.reportId === id;
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

function extendLife(expression: Expression, now: Date): void {
  const end = addSeconds(now, RETENTION_DAYS * DAY_SECONDS);
  expression.set(['ttl'], Math.floor(end.getTime() / 1000));
}

const UPDATED = Symbol('updated');

/** Updates the item if the condition holds; otherwise returns the current item. */
async function updateIf(
  { client, name }: Table,
  connectionId: string,
  expression: Expression,
  ConditionExpression: string,
): Promise<typeof UPDATED | z.output<typeof lastCheckItem>> {
  const condition = { ConditionExpression, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  const Key = lastCheckKey(connectionId);
  try {
    await client.send(new UpdateCommand({ TableName: name, Key, ...condition, ...expression.update() }));
    return UPDATED;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return lastCheckItem.parse(unmarshall(error.Item ?? {}));
  }
}
