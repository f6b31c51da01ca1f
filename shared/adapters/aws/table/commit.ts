import { TransactionCanceledException, TransactionInProgressException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { HistoryEntry } from '../../../domain/connections/history.ts';
import { busy } from '../../../domain/errors.ts';
import type { OperationContext } from '../../../domain/operation-context.ts';
import type { Committer, UnitOfWork } from '../../../domain/unit-of-work.ts';
import { type Action, onTable } from './action.ts';
import type { Table } from './client.ts';
import { connectionAction, intentAction } from './connection-actions.ts';
import { Expression } from './expression.ts';
import { flowActions } from './flow-actions.ts';
import { countsKey, historyKey } from './keys.ts';

/** With the waits between them about 2 s, 4 s at most. */
const MAX_ATTEMPTS = 10;

/** Commits units of work, each as one transaction. */
export function committer(table: Table, tools: Pick<OperationContext, 'ids' | 'backoff'>): Committer {
  return {
    async commit(unit) {
      const command = new TransactWriteCommand({
        TransactItems: onTable(table.name, actionsOf(unit)),
        ClientRequestToken: tools.ids.next(),
      });
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
        const outcome = await send(table, command);
        if (outcome !== 'contended') return outcome;
        if (attempt < MAX_ATTEMPTS) await tools.backoff(attempt);
      }
      throw busy();
    },
  };
}

/**
 * One try. A cancelled transaction changed nothing: `stale` where a condition did not hold, `contended` where
 * others were writing the same items. Under its token, DynamoDB answers a unit that was committed already as
 * it did the first time, for 10 minutes.
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
    const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
    if (codes.includes('ConditionalCheckFailed')) return 'stale';
    if (codes.some((code) => code !== undefined && CONTENTION.has(code))) return 'contended';
    throw error;
  }
}

const CONTENTION = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

/** The writes of a unit. */
export function actionsOf(unit: UnitOfWork): Action[] {
  return [
    ...(unit.connections ?? []).map(connectionAction),
    ...countActions(unit),
    ...(unit.flow ? flowActions(unit.flow) : []),
    ...(unit.intent ? [intentAction(unit.intent)] : []),
    ...(unit.history ?? []).map(historyAction),
  ];
}

/** The project's counts move by what the two sides of its connections differ. */
function countActions({ connections = [] }: UnitOfWork): Action[] {
  const total = { total: 0, active: 0, inactive: 0 };
  let projectId: string | undefined;
  for (const { before, after } of connections) {
    projectId ??= (after ?? before)?.connection.projectId;
    for (const [side, by] of [
      [before, -1],
      [after, 1],
    ] as const) {
      if (!side) continue;
      total.total += by;
      total[side.connection.status] += by;
    }
  }
  if (projectId === undefined || Object.values(total).every((by) => by === 0)) return [];
  const expression = new Expression();
  for (const [attribute, by] of Object.entries(total)) expression.add(attribute, by);
  return [{ Update: { Key: countsKey(projectId), ...expression.update() } }];
}

function historyAction(entry: HistoryEntry): Action {
  return { Put: { Item: { ...historyKey(entry.connectionId, entry.id), ...entry } } };
}
