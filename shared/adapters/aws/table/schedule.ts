import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { CheckSchedule } from '../../../domain/checks/ports.ts';
import type { ReminderReader } from '../../../domain/connections/announce-expiry.ts';
import { timestamp } from '../../../domain/time.ts';
import type { Table } from './client.ts';
import { checkpointItem, dueItem, keyItem } from './items.ts';
import {
  CHECKPOINT_KEY,
  checkSlotKey,
  projectOf,
  providerInOrder,
  REMINDER_KEY,
  readProjectSk,
} from './keys.ts';
import { query } from './query.ts';

/** Finds the checks that are due by the index of their slots. */
export function checkSchedule(table: Table): CheckSchedule {
  return {
    async *due(cadence, slot) {
      const partition = ['checkSlot', checkSlotKey(cadence, slot)] as const;
      for await (const item of query(table, { index: 'checks', partition })) {
        const { pk, sk, checkOrder } = dueItem.parse(item);
        yield {
          projectId: projectOf(pk),
          connectionId: readProjectSk(sk).id,
          providerId: providerInOrder(checkOrder),
        };
      }
    },

    async loadCheckpoint() {
      const { Item } = await table.client.send(
        new GetCommand({ TableName: table.name, Key: CHECKPOINT_KEY, ConsistentRead: true }),
      );
      return Item && checkpointItem.parse(Item).minute;
    },

    async advanceCheckpoint(minute) {
      try {
        await table.client.send(
          new PutCommand({
            TableName: table.name,
            Item: { ...CHECKPOINT_KEY, minute },
            ConditionExpression: 'attribute_not_exists(pk) OR #minute < :minute',
            ExpressionAttributeNames: { '#minute': 'minute' },
            ExpressionAttributeValues: { ':minute': minute },
          }),
        );
      } catch (error) {
        // Another run has come as far, or further.
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}

/** How many milestones are read at a time. */
const REMINDERS = 100;

/** Finds connections whose coming end is to be announced, by the index of milestones. */
export function reminderReader(table: Table): ReminderReader {
  return {
    async *dueReminders(now) {
      const range = {
        index: 'reminders',
        partition: ['reminderKey', REMINDER_KEY],
        sort: ['reminderAt', '0', timestamp(now)],
      } as const;
      for await (const item of query(table, range, REMINDERS)) {
        const { pk, sk } = keyItem.parse(item);
        yield { projectId: projectOf(pk), connectionId: readProjectSk(sk).id };
      }
    },
  };
}
