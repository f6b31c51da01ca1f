import { isDeepStrictEqual } from 'node:util';
import { slotOf } from '../../../domain/checks/slots.ts';
import { isAnnouncedToEnd } from '../../../domain/connections/expiry.ts';
import { foldName } from '../../../domain/connections/name.ts';
import type { CreationIntent, StoredConnection } from '../../../domain/connections/stored.ts';
import type { Change } from '../../../domain/unit-of-work.ts';
import type { Action } from './action.ts';
import { Expression } from './expression.ts';
import {
  checkOrder,
  checkSlotKey,
  connectionKey,
  intentKey,
  listKeys,
  nameKey,
  RECOVERY_KEY,
  REMINDER_KEY,
} from './keys.ts';

/** Writes one connection, on the condition that it still is what `before` says. */
export function connectionAction({ before, after }: Change<StoredConnection>): Action {
  if (before === null) {
    return { Put: { Item: connectionItemOf(after), ConditionExpression: 'attribute_not_exists(pk)' } };
  }
  const expression = new Expression();
  const condition = unchanged(before, expression);
  const Key = connectionKey(before.connection.projectId, before.connection.id);
  if (after === null) return { Delete: { Key, ConditionExpression: condition, ...expression.names() } };
  for (const [field, value] of changed({ ...before.connection }, { ...after.connection })) {
    expression.set(['summary', field], value);
  }
  expression.set(['revision'], before.revision + 1);
  for (const [attribute, value] of changed(attributesOf(before), attributesOf(after))) {
    expression.put(attribute, value);
  }
  return { Update: { Key, ConditionExpression: condition, ...expression.update() } };
}

/** Writes the note of a creation under way, on the condition that it still is what `before` says. */
export function intentAction({ before, after }: Change<CreationIntent>): Action {
  if (before === null) {
    const { connectionId, projectId, expiresAt: recoverAt, abandoned } = after;
    const item = { ...intentKey(projectId, connectionId), recoveryKey: RECOVERY_KEY, recoverAt, abandoned };
    return { Put: { Item: item, ConditionExpression: 'attribute_not_exists(pk)' } };
  }
  const expression = new Expression();
  const condition = `${expression.name(['abandoned'])} = ${expression.value(before.abandoned)}`;
  const Key = intentKey(before.projectId, before.connectionId);
  if (after === null) return { Delete: { Key, ConditionExpression: condition, ...expression.names() } };
  expression.set(['abandoned'], after.abandoned);
  return { Update: { Key, ConditionExpression: condition, ...expression.update() } };
}

/** The item of a connection. */
function connectionItemOf(stored: StoredConnection): Record<string, unknown> {
  const { id, projectId, ...summary } = stored.connection;
  return {
    ...connectionKey(projectId, id),
    id,
    summary,
    revision: stored.revision,
    ...attributesOf(stored),
  };
}

/** Nothing was committed to it since: no field is too small to be lost to a commit that did not see it. */
function unchanged({ revision }: StoredConnection, expression: Expression): string {
  return `${expression.name(['revision'])} = ${expression.value(revision)}`;
}

function changed(before: Record<string, unknown>, after: Record<string, unknown>): [string, unknown][] {
  return Object.entries(after).filter(([name, value]) => !isDeepStrictEqual(before[name], value));
}

/** Everything of a connection's item that lists do not show: what serves, and the keys of its indexes. */
function attributesOf(stored: StoredConnection): Record<string, unknown> {
  const { connection, secretVersion, lease, cadence, reminder } = stored;
  const { id, projectId, providerId, status } = connection;
  const expiring = isAnnouncedToEnd(connection, reminder);
  return {
    secretVersion,
    cadence,
    checkSlot: checkSlotKey(cadence, slotOf(id, cadence)),
    checkOrder: checkOrder(providerId, id),
    nameKey: nameKey(foldName(connection.name), id),
    statusKey: listKeys.status(projectId, status),
    providerKey: listKeys.provider(projectId, providerId),
    providerStatusKey: listKeys.providerStatus(projectId, providerId, status),
    expiringKey: expiring ? listKeys.expiring(projectId) : undefined,
    providerExpiringKey: expiring ? listKeys.providerExpiring(projectId, providerId) : undefined,
    lease: lease ?? undefined,
    recoveryKey: lease ? RECOVERY_KEY : undefined,
    recoverAt: lease?.expiresAt,
    reminder: reminder ?? undefined,
    reminderKey: reminder ? REMINDER_KEY : undefined,
    reminderAt: reminder?.at,
  };
}
