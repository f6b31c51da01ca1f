import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { CheckSchedule } from '../../../domain/checks/ports.ts';
import type { ReminderReader } from '../../../domain/connections/announce-expiry.ts';
import type { ConnectionRef } from '../../../domain/model/connection.ts';
import { getConsistent } from './batch-get.ts';
import type { Table } from './client.ts';
import { checkpointItem, dueItem, keyItem } from './items.ts';
import {
  CHECKPOINT_KEY,
  checkSlotKey,
  type Key,
  parseProjectSk,
  projectOf,
  providerOfCheckOrder,
  REMINDER_KEY,
} from './keys.ts';
import { query, queryDue } from './query.ts';

/** Finds due checks by the index of check slots, and stores the scheduler's checkpoint. */
export function checkSchedule(table: Table): CheckSchedule {
  return {
    async *due(cadence, slot) {
      const partition = ['checkSlot', checkSlotKey(cadence, slot)] as const;
      for await (const item of query(table, { index: 'checks', partition })) {
        const { checkOrder, ...key } = dueItem.parse(item);
        yield { ...toConnectionRef(key), providerId: providerOfCheckOrder(checkOrder) };
      }
    },

    async loadCheckpoint() {
      const item = await getConsistent(table, CHECKPOINT_KEY);
      return item && checkpointItem.parse(item).minute;
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
        // Another run has advanced it as far, or further.
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}

/** Finds due reminders by their index. */
export function reminderReader(table: Table): ReminderReader {
  return {
    async *due(now) {
      for await (const item of queryDue(table, 'reminders', REMINDER_KEY, now)) {
        yield toConnectionRef(keyItem.parse(item));
      }
    },
  };
}

function toConnectionRef({ pk, sk }: Key): ConnectionRef {
  return { projectId: projectOf(pk), connectionId: parseProjectSk(sk).id };
}
