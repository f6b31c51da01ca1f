import { TransactionCanceledException, TransactionInProgressException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { busy, projectNotFound } from '../../../domain/errors.ts';
import type { HistoryEntry } from '../../../domain/model/history.ts';
import type { Committer, UnitOfWork } from '../../../domain/model/unit-of-work.ts';
import type { OperationContext } from '../../../domain/operation-context.ts';
import type { Table } from './client.ts';
import { connectionAction, intentAction, pastConnectionActions } from './connection-actions.ts';
import { type Action, Expression, onTable } from './expression.ts';
import { flowActions } from './flow-actions.ts';
import { importAction } from './imports.ts';
import { countsKey, historyKey } from './keys.ts';

/** With the backoff between them about 2 s, 4 s at most. */
const MAX_ATTEMPTS = 10;

/** Commits units of work, each as one transaction. */
export function committer(table: Table, context: Pick<OperationContext, 'ids' | 'backoff'>): Committer {
  return {
    commit: (unit) => commitActions(table, actionsOf(unit), context),
  };
}

/**
 * Commits writes as one transaction. Returns `stale` when a condition failed.
 *
 * @throws DomainError `project_not_found` when the project is deleted; `busy`.
 */
export async function commitActions(
  table: Table,
  actions: readonly Action[],
  { ids, backoff }: Pick<OperationContext, 'ids' | 'backoff'>,
): Promise<'committed' | 'stale'> {
  const command = new TransactWriteCommand({
    TransactItems: onTable(table.name, actions),
    ClientRequestToken: ids.next(),
  });
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const outcome = await send(table, command);
    if (outcome !== 'contended') return outcome;
    if (attempt < MAX_ATTEMPTS) await backoff(attempt);
  }
  throw busy();
}

/**
 * Sends the transaction once. A canceled transaction changed nothing: it is `stale` when a condition failed, `contended`
 * when another transaction was writing the same items. For 10 minutes DynamoDB answers a repeated token as it did the
 * first time.
 */
async function send(
  { client }: Table,
  command: TransactWriteCommand,
): Promise<'committed' | 'stale' | 'contended'> {
  try {
    await client.send(command);
    return 'committed';
  } catch (error) {
    if (error instanceof TransactionInProgressException) return 'contended';
    if (!(error instanceof TransactionCanceledException)) throw error;
    const reasons = error.CancellationReasons ?? [];
    if (reasons.some(({ Item = {} }) => 'deletion' in Item)) throw projectNotFound();
    const codes = reasons.map(({ Code }) => Code);
    if (codes.includes('ConditionalCheckFailed')) return 'stale';
    if (codes.some((code) => code !== undefined && CONTENTION_CODES.has(code))) return 'contended';
    throw error;
  }
}

const CONTENTION_CODES = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

/** Returns the writes of a unit. */
export function actionsOf(unit: UnitOfWork): Action[] {
  return [
    ...(unit.connections ?? []).map(connectionAction),
    ...(unit.connections ?? []).flatMap(pastConnectionActions),
    ...countActions(unit),
    ...(unit.flow ? flowActions(unit.flow) : []),
    ...(unit.intent ? [intentAction(unit.intent)] : []),
    ...(unit.importRecord ? [importAction(unit.importRecord)] : []),
    ...(unit.history ?? []).map(historyAction),
  ];
}

/**
 * Changes the project's counts by the difference between the two sides of its connections. A deleted project gets no new
 * connection and loses none; other changes of a connection end when the deletion disables it.
 */
function countActions({ connections = [] }: UnitOfWork): Action[] {
  const difference = { total: 0, active: 0, inactive: 0 };
  let projectId: string | undefined;
  for (const { before, after } of connections) {
    projectId ??= (after ?? before)?.connection.projectId;
    for (const [side, sign] of [
      [before, -1],
      [after, 1],
    ] as const) {
      if (!side) continue;
      difference.total += sign;
      difference[side.connection.status] += sign;
    }
  }
  const isSameSet = connections.every(({ before, after }) => before && after);
  const isSame = isSameSet && Object.values(difference).every((count) => count === 0);
  if (projectId === undefined || isSame) return [];
  const expression = new Expression();
  for (const [attribute, count] of Object.entries(difference)) expression.add(attribute, count);
  const condition = isSameSet ? {} : notDeleted(expression);
  return [{ Update: { Key: countsKey(projectId), ...condition, ...expression.update() } }];
}

function notDeleted(expression: Expression) {
  return {
    ConditionExpression: `attribute_not_exists(${expression.name(['deletion'])})`,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
}

function historyAction(entry: HistoryEntry): Action {
  return { Put: { Item: { ...historyKey(entry.connectionId, entry.id), ...entry } } };
}
