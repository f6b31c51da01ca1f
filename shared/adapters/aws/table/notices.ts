import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Notice } from '../../../domain/notices/compose.ts';
import type { NoticeCollector } from '../../../domain/notices/notify.ts';
import type { Table } from './client.ts';
import { type Action, Expression, onTable } from './expression.ts';
import { noticeItem, noticeWindowItem } from './items.ts';
import {
  NOTICE_SKS,
  NOTICE_WINDOW_KEY,
  noticeKey,
  noticesPk,
  noticeWindowKey,
  projectOfNotices,
} from './keys.ts';
import { query, queryDue, type Range, take } from './query.ts';

/** Notices that one digest takes at most. */
const MAX_NOTICES = 1_000;
/** Deletions of one transaction, beside the update of the window. */
const MAX_DELETIONS = 90;

/**
 * Collects notices in the table. A project's window is one item, in the index of reminders; it counts its notices, so that
 * none can be added while it is closed.
 */
export function noticeCollector(table: Table): NoticeCollector {
  const { client, name: TableName } = table;
  return {
    async openWindow({ projectId, endsAt }) {
      const window = { reminderKey: NOTICE_WINDOW_KEY, reminderAt: endsAt, collected: 0 };
      const expression = new Expression();
      // A put whose response was lost took effect, and the SDK repeats it; not over notices that were added since.
      const isOurs = `${expression.name(['reminderAt'])} = ${expression.value(endsAt)}`;
      const isEmpty = `${expression.name(['collected'])} = ${expression.value(0)}`;
      return succeeds(
        client.send(
          new PutCommand({
            TableName,
            Item: { ...noticeWindowKey(projectId), ...window },
            ConditionExpression: `attribute_not_exists(pk) OR (${isOurs} AND ${isEmpty})`,
            ...expression.names(),
          }),
        ),
      );
    },

    add: (notice) => addNotice(table, notice),

    async *endedWindows(now) {
      for await (const item of queryDue(table, 'reminders', NOTICE_WINDOW_KEY, now)) {
        const { pk, reminderAt } = noticeWindowItem.parse(item);
        yield { projectId: projectOfNotices(pk), endsAt: reminderAt };
      }
    },

    async collected(projectId) {
      const range: Range = {
        partition: ['pk', noticesPk(projectId)],
        sort: ['sk', NOTICE_SKS.from, NOTICE_SKS.to],
        consistent: true,
      };
      const items = await Array.fromAsync(take(query(table, range), MAX_NOTICES));
      return items.map((item) => noticeItem.parse(item).notice);
    },

    async removeSent(notices, { projectId, endsAt }) {
      for (let start = 0; start < notices.length; start += MAX_DELETIONS) {
        const part = notices.slice(start, start + MAX_DELETIONS);
        const actions = [
          ...part.map(({ eventId }) => removal(projectId, eventId)),
          updateWindow(projectId, (expression) => {
            expression.set(['reminderAt'], endsAt);
            expression.add('collected', -part.length);
          }),
        ];
        // Another run removed some of them. Each notice is counted down once; those that are left are sent again.
        if (!(await succeeds(commit(table, actions)))) return;
      }
    },

    async closeWindow({ projectId, endsAt }) {
      const expression = new Expression();
      const conditions = [
        `${expression.name(['collected'])} = ${expression.value(0)}`,
        `${expression.name(['reminderAt'])} = ${expression.value(endsAt)}`,
      ];
      await succeeds(
        client.send(
          new DeleteCommand({
            TableName,
            Key: noticeWindowKey(projectId),
            ConditionExpression: conditions.join(' AND '),
            ...expression.names(),
          }),
        ),
      );
    },
  };
}

/** Adds a notice and counts it, while the window is open. */
async function addNotice(table: Table, notice: Notice): Promise<boolean> {
  const { projectId, eventId } = notice;
  const Item = { ...noticeKey(projectId, eventId), notice };
  const actions = [
    { Put: { Item, ConditionExpression: 'attribute_not_exists(pk)' } },
    updateWindow(projectId, (expression) => expression.add('collected', 1)),
  ];
  try {
    await commit(table, actions);
    return true;
  } catch (error) {
    const [put, window] = failedConditions(error);
    if (put) return true;
    if (window) return false;
    throw error;
  }
}

function removal(projectId: string, eventId: string): Action {
  return {
    Delete: { Key: noticeKey(projectId, eventId), ConditionExpression: 'attribute_exists(pk)' },
  };
}

function updateWindow(projectId: string, change: (expression: Expression) => void): Action {
  const expression = new Expression();
  change(expression);
  return {
    Update: {
      Key: noticeWindowKey(projectId),
      ConditionExpression: 'attribute_exists(pk)',
      ...expression.update(),
    },
  };
}

async function commit({ client, name }: Table, actions: readonly Action[]): Promise<void> {
  await client.send(new TransactWriteCommand({ TransactItems: onTable(name, actions) }));
}

/** Returns false for a write, or a transaction, of which a condition failed. */
async function succeeds(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException || failedConditions(error).includes(true))
      return false;
    throw error;
  }
}

/** Returns which conditions of a canceled transaction failed, by its actions; none for any other error. */
function failedConditions(error: unknown): readonly boolean[] {
  if (!(error instanceof TransactionCanceledException)) return [];
  return (error.CancellationReasons ?? []).map(({ Code }) => Code === 'ConditionalCheckFailed');
}
