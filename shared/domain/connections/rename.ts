import type { Actor } from '../access/actor.ts';
import type { OperationContext } from '../operation-context.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import { timestamp } from '../time.ts';
import type { Committer } from '../unit-of-work.ts';
import type { Connection } from './connection.ts';
import { historyEntry } from './history.ts';
import { type ConnectionRef, type ExpectedVersions, loadConnection } from './load.ts';
import type { ConnectionReader } from './reader.ts';

export interface Rename extends ConnectionRef {
  /** Normalised, 1 to 128 code points. */
  readonly name: string;
  readonly expected: ExpectedVersions;
  readonly actor: Actor;
}

/**
 * Gives a connection another name and changes nothing else. The name it already has is no change.
 *
 * @throws DomainError `connection_not_found`, `version_conflict`, `busy`.
 */
export function renameConnection(
  rename: Rename,
  ports: Pick<ConnectionReader, 'findConnection'> & Committer & OperationContext,
): Promise<Connection> {
  return untilCommitted(async () => {
    const before = await loadConnection(rename, ports, rename.expected);
    if (before.connection.name === rename.name) return before.connection;
    const at = timestamp(ports.clock.now());
    const connection = {
      ...before.connection,
      name: rename.name,
      updatedAt: at,
      version: before.connection.version + 1,
    };
    const entry = historyEntry(
      connection,
      { type: 'renamed', from: { name: before.connection.name }, to: { name: rename.name } },
      { actor: rename.actor, at },
      ports,
    );
    const outcome = await ports.commit({
      connections: [{ before, after: { ...before, connection } }],
      history: [entry],
    });
    return outcome === 'committed' ? connection : STALE;
  }, ports);
}
