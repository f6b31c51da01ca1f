import { addSeconds, DAY_SECONDS, type OperationContext } from '../../../domain/operation-context.ts';
import type { DeletionChange, DeletionReader, DeletionStore } from '../../../domain/projects/deletion.ts';
import type { ProjectEvent } from '../../../messages/project-event.ts';
import { getConsistent } from './batch-get.ts';
import type { Table } from './client.ts';
import { commitActions } from './commit.ts';
import { disableAction, enableAction } from './connection-actions.ts';
import { type Action, Expression } from './expression.ts';
import { deletionItem } from './items.ts';
import { contentRanges, countsKey, DELETIONS_KEY, projectHistoryKey } from './keys.ts';
import { readChunk } from './query.ts';

/** Days for which the entry of the last event stays, for operators; TTL removes it. */
const ENTRY_DAYS = 7;

/**
 * Reads the deletion of a project. It is an attribute of the project's counts, which every creation and every disconnect
 * of a connection changes: so these need no other item to be refused.
 */
export function deletionReader(table: Table): DeletionReader {
  return {
    async find(projectId) {
      const { deletion, recoverAt } = deletionItem.parse(
        (await getConsistent(table, countsKey(projectId))) ?? {},
      );
      return deletion && recoverAt !== undefined ? { projectId, ...deletion, dueAt: recoverAt } : undefined;
    },
  };
}

/** Stores deletions. */
export function deletionStore(
  table: Table,
  context: Pick<OperationContext, 'ids' | 'backoff'>,
): DeletionStore {
  return {
    ...deletionReader(table),

    async hasContents(projectId) {
      const ranges = contentRanges(projectId).map(({ pk, from, to }) =>
        readChunk(table, { partition: ['pk', pk], sort: ['sk', from, to], consistent: true }, 1),
      );
      return (await Promise.all(ranges)).some(({ items }) => items.length > 0);
    },

    commit(change) {
      const { disable = [], enable = [], event } = change;
      return commitActions(
        table,
        [
          deletionAction(change, context),
          ...disable.map(disableAction),
          ...enable.map(enableAction),
          ...(event ? [eventAction(event)] : []),
        ],
        context,
      );
    },
  };
}

/** Returns the write of the deletion, on the condition that it was not changed since it was read. */
function deletionAction(
  { before, after, event }: DeletionChange,
  { ids }: Pick<OperationContext, 'ids'>,
): Action {
  const { projectId } = before ?? after ?? {};
  if (projectId === undefined) throw new Error('A change without a deletion.');
  const expression = new Expression();
  const ConditionExpression = before
    ? `${expression.name(['deletion', 'revision'])} = ${expression.value(before.revision)}`
    : `attribute_not_exists(${expression.name(['deletion'])})`;
  const Key = countsKey(projectId);
  if (event) return { Delete: { Key, ConditionExpression, ...expression.names() } };
  if (after) {
    const { status, requestedAt, restorableUntil, processed, position, dueAt } = after;
    const revision = ids.next();
    expression.set(['deletion'], { status, requestedAt, restorableUntil, processed, position, revision });
    expression.set(['recoveryKey'], DELETIONS_KEY);
    expression.set(['recoverAt'], dueAt);
  } else {
    for (const attribute of ['deletion', 'recoveryKey', 'recoverAt']) expression.put(attribute, undefined);
  }
  // A project without connections has no counts yet.
  for (const attribute of ['total', 'active', 'inactive']) expression.add(attribute, 0);
  return { Update: { Key, ConditionExpression, ...expression.update() } };
}

function eventAction(event: ProjectEvent): Action {
  const ttl = Math.ceil(addSeconds(new Date(event.at), ENTRY_DAYS * DAY_SECONDS).getTime() / 1000);
  return { Put: { Item: { ...projectHistoryKey(event.projectId, event.eventId), ...event, ttl } } };
}
