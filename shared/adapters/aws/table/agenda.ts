import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { CheckAgenda } from '../../../domain/checks/ports.ts';
import type { MilestoneReader } from '../../../domain/connections/announce-expiry.ts';
import { timestamp } from '../../../domain/time.ts';
import { agendaItem, dueItem, keyItem } from '../../../store/items.ts';
import {
  AGENDA_KEY,
  checkSlotKey,
  MILESTONE_KEY,
  projectOf,
  providerInOrder,
  readProjectSk,
} from '../../../store/keys.ts';
import type { Table } from './client.ts';
import { query } from './query.ts';

/** Finds the checks that are due by the index of their slots. */
export function checkAgenda(table: Table): CheckAgenda {
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

    async lastMinute() {
      const { Item } = await table.client.send(
        new GetCommand({ TableName: table.name, Key: AGENDA_KEY, ConsistentRead: true }),
      );
      return Item && agendaItem.parse(Item).minute;
    },

    async reachMinute(minute) {
      try {
        await table.client.send(
          new PutCommand({
            TableName: table.name,
            Item: { ...AGENDA_KEY, minute },
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
const MILESTONES = 100;

/** Finds connections whose coming end is to be announced, by the index of milestones. */
export function milestoneReader(table: Table): MilestoneReader {
  return {
    async *milestonesReached(now) {
      const range = {
        index: 'milestones',
        partition: ['milestoneKey', MILESTONE_KEY],
        sort: ['milestoneAt', '0', timestamp(now)],
      } as const;
      for await (const item of query(table, range, MILESTONES)) {
        const { pk, sk } = keyItem.parse(item);
        yield { projectId: projectOf(pk), connectionId: readProjectSk(sk).id };
      }
    },
  };
}
