import type { Account, Connection, Status, StatusReasonCode } from './connection.ts';

/** What a verification that went well tells about the connection. */
export interface Findings {
  readonly account: Account | null;
  readonly expiresAt: string | null;
}

/** The connection with another status, one version on. */
function withStatus(connection: Connection, status: Status, at: string): Connection {
  return { ...connection, ...status, statusSince: at, updatedAt: at, version: connection.version + 1 };
}

/**
 * The connection as a check that went well leaves it: active, and with the end that the provider told, or was known.
 * What works has not ended, so an end that is past is known to be wrong. Unchanged if nothing is new.
 */
export function confirmed(connection: Connection, told: string | null, at: string): Connection {
  const end = told ?? connection.expiresAt;
  const expiresAt = end !== null && end > at ? end : null;
  if (connection.status === 'active' && connection.expiresAt === expiresAt) return connection;
  const since = connection.status === 'active' ? connection.statusSince : at;
  const turned = withStatus({ ...connection, expiresAt }, { status: 'active', statusReason: null }, at);
  return { ...turned, statusSince: since };
}

/** The connection turned inactive at that time for a reason; unchanged if it is, for the same reason. */
export function deactivated(connection: Connection, reason: StatusReasonCode, at: string): Connection {
  if (connection.statusReason === reason) return connection;
  const since = connection.status === 'inactive' ? connection.statusSince : at;
  const turned = withStatus(connection, { status: 'inactive', statusReason: reason }, at);
  return { ...turned, statusSince: since };
}

/** The connection with new credentials: active, verified and one version on. */
export function reconnected(connection: Connection, findings: Findings, at: string): Connection {
  return {
    ...connection,
    status: 'active',
    statusReason: null,
    statusSince: connection.status === 'active' ? connection.statusSince : at,
    account: findings.account ?? connection.account,
    expiresAt: findings.expiresAt,
    lastCheckedAt: at,
    reconnectedAt: at,
    updatedAt: at,
    version: connection.version + 1,
  };
}
