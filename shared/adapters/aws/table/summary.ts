import type { Connection } from '../../../domain/model/connection.ts';

/** A connection without what its key holds. */
type Summary<C = Connection> = C extends unknown ? Omit<C, 'id' | 'projectId'> : never;

/** Values of the fields that a summary may lack. */
const ABSENT = {
  statusReason: null,
  account: null,
  reconnectedAt: null,
  lastCheckedAt: null,
  expiresAt: null,
} as const;

/**
 * Serializes what lists show of a connection, without its nulls. One string is smaller on the wire than a map of
 * attributes, and is parsed by the engine of JavaScript instead of attribute by attribute (docs/decisions/0020).
 */
export function encodeSummary({ id: _, projectId: __, ...summary }: Connection): string {
  return JSON.stringify(summary satisfies Summary, (_name, value) => value ?? undefined);
}

/** Returns the connection of which `encodeSummary` wrote the summary; the tests of stored state prove its fields. */
export function decodeConnection(key: Pick<Connection, 'id' | 'projectId'>, summary: string): Connection {
  return { ...key, ...ABSENT, ...JSON.parse(summary) };
}
