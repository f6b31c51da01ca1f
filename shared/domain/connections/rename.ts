import {
  type Connection,
  type ConnectionTarget,
  connectionLoader,
  type ExpectedVersions,
  type FindConnectionPort,
} from '../model/connection.ts';
import { type Actor, historyEntry } from '../model/history.ts';
import type { CommitPort } from '../model/unit-of-work.ts';
import { type OperationContext, timestamp } from '../operation-context.ts';
import { STALE, untilCommitted } from '../optimistic.ts';

export interface Rename extends ConnectionTarget {
  /** Normalized, 1 to 128 code points. */
  readonly name: string;
  readonly expected: ExpectedVersions;
  readonly actor: Actor;
}

/**
 * Renames a connection and changes nothing else. The current name is no change.
 *
 * @throws DomainError `connection_not_found`, `version_conflict`, `busy`.
 */
export function renameConnection(
  { name, expected, actor, ...target }: Rename,
  ports: FindConnectionPort & CommitPort & OperationContext,
): Promise<Connection> {
  const load = connectionLoader(target, ports, expected);
  return untilCommitted(async () => {
    const before = await load();
    const { name: from, version } = before.connection;
    if (from === name) return before.connection;
    const at = timestamp(ports.clock.now());
    const connection = { ...before.connection, name, updatedAt: at, version: version + 1 };
    const change = { type: 'renamed', from: { name: from }, to: { name } } as const;
    const outcome = await ports.unitOfWork.commit({
      connections: [{ before, after: { ...before, connection } }],
      history: [historyEntry(connection, change, actor, ports)],
    });
    return outcome === 'committed' ? connection : STALE;
  }, ports);
}
