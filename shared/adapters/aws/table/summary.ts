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

/** Parses what `encodeSummary` wrote; the tests of stored state prove its fields. */
export function decodeSummary(summary: string): Summary {
  return { ...ABSENT, ...JSON.parse(summary) };
}
