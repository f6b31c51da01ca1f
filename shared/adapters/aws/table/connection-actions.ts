import { isDeepStrictEqual } from 'node:util';
import { slotOf } from '../../../domain/checks/slots.ts';
import type { CreationIntent, StoredConnection } from '../../../domain/model/connection.ts';
import { isInExpiringList } from '../../../domain/model/expiry.ts';
import { foldName } from '../../../domain/model/name.ts';
import type { Change } from '../../../domain/model/unit-of-work.ts';
import { type Action, Expression } from './expression.ts';
import {
  checkOrder,
  checkSlotKey,
  connectionKey,
  intentKey,
  listKeys,
  nameKey,
  pastConnectionKey,
  RECOVERY_KEY,
  REMINDER_KEY,
  searchFacets,
} from './keys.ts';
import { DEFAULT_STORE } from './stored-connection.ts';
import { encodeSummary } from './summary.ts';

/** Returns the write of a connection, on the condition that it was not changed since it was read. */
export function connectionAction({ before, after }: Change<StoredConnection>): Action {
  if (before === null) {
    return { Put: { Item: toItem(after), ConditionExpression: 'attribute_not_exists(pk)' } };
  }
  const expression = new Expression();
  // Every commit increments the revision, so no change is too small to be noticed.
  const condition = `${expression.name(['revision'])} = ${expression.value(before.revision)}`;
  const Key = connectionKey(before.connection.projectId, before.connection.id);
  if (after === null) return { Delete: { Key, ConditionExpression: condition, ...expression.names() } };
  if (!isDeepStrictEqual(before.connection, after.connection)) {
    expression.set(['summary'], encodeSummary(after.connection));
  }
  expression.set(['revision'], before.revision + 1);
  for (const [attribute, value] of changedEntries(attributesOf(before), attributesOf(after))) {
    expression.put(attribute, value);
  }
  return { Update: { Key, ConditionExpression: condition, ...expression.update() } };
}

/** Returns the write of the item by which the deletion of a project finds the history of a removed connection. */
export function pastConnectionActions({ before, after }: Change<StoredConnection>): readonly Action[] {
  if (before === null || after !== null) return [];
  const { projectId, id } = before.connection;
  return [{ Put: { Item: { ...pastConnectionKey(projectId, id) } } }];
}

/** The keys of the indexes by which schedules find connections. */
const SCHEDULE_KEYS = ['checkSlot', 'reminderKey', 'recoveryKey'] as const;

/**
 * Returns the write that disables a connection: readers find it no more, and it leaves the indexes of schedules. The new
 * revision makes every operation fail that read the connection before.
 */
export function disableAction({ connection: { projectId, id } }: StoredConnection): Action {
  const expression = new Expression();
  const ConditionExpression = `attribute_exists(${expression.name(['pk'])})`;
  expression.set(['disabled'], true);
  for (const name of SCHEDULE_KEYS) expression.put(name, undefined);
  expression.add('revision', 1);
  return { Update: { Key: connectionKey(projectId, id), ConditionExpression, ...expression.update() } };
}

/** Returns the write that enables a connection again, on the condition that it was not changed since it was read. */
export function enableAction(stored: StoredConnection): Action {
  const { projectId, id } = stored.connection;
  const expression = new Expression();
  const ConditionExpression = `${expression.name(['revision'])} = ${expression.value(stored.revision)}`;
  const attributes = attributesOf(stored);
  expression.put('disabled', undefined);
  for (const name of SCHEDULE_KEYS) expression.put(name, attributes[name]);
  expression.add('revision', 1);
  return { Update: { Key: connectionKey(projectId, id), ConditionExpression, ...expression.update() } };
}

/** Returns the write of a creation's intent, on the condition that it was not changed since it was read. */
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

function toItem(stored: StoredConnection): Record<string, unknown> {
  const { id, projectId } = stored.connection;
  return {
    ...connectionKey(projectId, id),
    summary: encodeSummary(stored.connection),
    revision: stored.revision,
    ...derivedAttributes(stored),
  };
}

/** Returns every attribute of a connection's item that follows from its key, summary and state. */
export function derivedAttributes(stored: StoredConnection): Record<string, unknown> {
  return { searchKey: stored.connection.projectId, ...attributesOf(stored) };
}

function changedEntries(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): [string, unknown][] {
  return Object.entries(after).filter(([name, value]) => !isDeepStrictEqual(before[name], value));
}

/** Returns what a commit may change beside the summary: the state of credentials and schedules, and the keys of indexes. */
function attributesOf(stored: StoredConnection): Record<string, unknown> {
  const { connection, credentialsVersion, credentialStore, cadence, reminder } = stored;
  const { id, projectId, providerId, status } = connection;
  const isExpiring = isInExpiringList(connection, reminder);
  const foldedName = foldName(connection.name);
  return {
    credentialsVersion,
    credentialStore: credentialStore === DEFAULT_STORE ? undefined : credentialStore,
    cadence,
    checkSlot: checkSlotKey(cadence, slotOf(id, cadence)),
    checkOrder: checkOrder(providerId, id),
    nameKey: nameKey(foldedName, id),
    foldedName,
    facets: searchFacets({ status, providerId, expiring: isExpiring }).join(''),
    statusKey: listKeys.status(projectId, status),
    providerKey: listKeys.provider(projectId, providerId),
    providerStatusKey: listKeys.providerStatus(projectId, providerId, status),
    expiringKey: isExpiring ? listKeys.expiring(projectId) : undefined,
    providerExpiringKey: isExpiring ? listKeys.providerExpiring(projectId, providerId) : undefined,
    ...recoveryAttributes(stored),
    interruptedRefresh: stored.interruptedRefresh ?? undefined,
    accessToken: stored.accessToken ?? undefined,
    reminder: reminder ?? undefined,
    reminderKey: reminder ? REMINDER_KEY : undefined,
    reminderAt: reminder?.at,
  };
}

/** Lists the connection for the sweeper: once its lease expires, or at once while a promotion is pending. */
function recoveryAttributes({ connection, lease, promotionPending }: StoredConnection) {
  const recoverAt = lease?.expiresAt ?? (promotionPending ? connection.updatedAt : undefined);
  return {
    lease: lease ?? undefined,
    promotionPending: promotionPending || undefined,
    recoveryKey: recoverAt && RECOVERY_KEY,
    recoverAt,
  };
}
