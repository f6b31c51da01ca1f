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

/** The connection turned active at that time; unchanged if it is. */
export function activated(connection: Connection, at: string): Connection {
  if (connection.status === 'active') return connection;
  return withStatus(connection, { status: 'active', statusReason: null }, at);
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
