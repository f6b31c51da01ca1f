import { DAY_SECONDS } from '../operation-context.ts';
import type { StatusReason } from '../terms.ts';
import type { Account, Connection, StatusWithReason } from './connection.ts';
import { affectedFlows, type FlowNamesPort } from './flow.ts';
import type { HistoryChange } from './history.ts';

/** Findings of an accepted verification. */
export interface Findings {
  readonly account: Account | null;
  readonly expiresAt: string | null;
}

/** Returns the connection with a status at one version more. `statusSince` moves only when the status itself changes. */
function withStatus(connection: Connection, status: StatusWithReason, at: string): Connection {
  return {
    ...connection,
    ...status,
    statusSince: connection.status === status.status ? connection.statusSince : at,
    updatedAt: at,
    version: connection.version + 1,
  };
}

/**
 * Returns the connection after an accepted check: active, with the end that the provider reports or that was known. A
 * known end that is past is dropped, since the provider still accepts the credentials. Same object if nothing is new.
 */
export function confirmed(connection: Connection, reportedEnd: string | null, at: string): Connection {
  const end = reportedEnd ?? connection.expiresAt;
  const expiresAt = end !== null && end > at ? end : null;
  if (connection.status === 'active' && connection.expiresAt === expiresAt) return connection;
  return withStatus({ ...connection, expiresAt }, { status: 'active', statusReason: null }, at);
}

/** Seconds below which a moved end is not worth a new version: reminders are days ahead. */
const END_TOLERANCE_SECONDS = DAY_SECONDS;

/** Returns the connection with another end of its credentials. Same object if the end moved by less than a day. */
export function withEnd(connection: Connection, expiresAt: string | null, at: string): Connection {
  const { expiresAt: known } = connection;
  const isNear =
    expiresAt !== null &&
    known !== null &&
    Math.abs(Date.parse(expiresAt) - Date.parse(known)) < END_TOLERANCE_SECONDS * 1000;
  if (expiresAt === known || isNear) return connection;
  return { ...connection, expiresAt, updatedAt: at, version: connection.version + 1 };
}

/** Returns the connection as inactive for a reason. Same object if it already is, for the same reason. */
export function deactivated(connection: Connection, reason: StatusReason, at: string): Connection {
  if (connection.statusReason === reason) return connection;
  return withStatus(connection, { status: 'inactive', statusReason: reason }, at);
}

/** Returns the connection with newly verified credentials: active, one version more. */
export function reconnected(connection: Connection, findings: Findings, at: string): Connection {
  return {
    ...withStatus(connection, { status: 'active', statusReason: null }, at),
    account: findings.account ?? connection.account,
    expiresAt: findings.expiresAt,
    lastCheckedAt: at,
    reconnectedAt: at,
  };
}

/** Describes a change of status or reason for the history, with the affected flows; empty when neither changed. */
export async function statusChanges(
  before: Connection,
  after: Connection,
  ports: FlowNamesPort,
): Promise<readonly HistoryChange[]> {
  if (before.status === after.status && before.statusReason === after.statusReason) return [];
  return [
    {
      type: 'status_changed',
      from: { status: before.status },
      to: { status: after.status },
      ...(after.statusReason && { reason: after.statusReason }),
      flows: await affectedFlows(after, ports),
    },
  ];
}
