import type { Actor } from '../access/actor.ts';
import { type RunCheckPorts, runCheck } from '../checks/examine.ts';
import { lastCheckAfter } from '../checks/last-check.ts';
import type { LastCheckStore } from '../checks/ports.ts';
import type { Verification } from '../credentials/verification.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import type { Committer } from '../unit-of-work.ts';
import type { Connection } from './connection.ts';
import { type ConnectionRef, loadConnection } from './load.ts';
import type { ConnectionReader } from './reader.ts';

export interface Check extends ConnectionRef {
  /** Who is told to have caused a turn of the status. */
  readonly actor: Actor;
}

export interface Checked {
  readonly connection: Connection;
  readonly check: {
    readonly outcome: Verification['outcome'];
    readonly at: string;
    readonly durationMs: number;
  };
}

type CheckPorts = Pick<ConnectionReader, 'findConnection'> &
  Pick<LastCheckStore, 'recordCheck'> &
  RunCheckPorts &
  Committer;

/**
 * Asks the provider whether a connection works, and turns its status if the answer says so. Only the provider's
 * own word turns it: a refusal, given twice, or an acceptance. A connection that was changed during the check is
 * checked anew.
 *
 * @throws DomainError `connection_not_found`, `busy`.
 */
export function checkConnection(request: Check, ports: CheckPorts): Promise<Checked> {
  return untilCommitted(async () => {
    const before = await loadConnection(request, ports);
    const started = ports.clock.now().getTime();
    const result = await runCheck(before, { actor: request.actor, recordsTime: true }, ports);
    const { verification, at, change } = result;
    const durationMs = new Date(at).getTime() - started;
    const check = { outcome: verification.outcome, at, durationMs };
    if (change && (await ports.commit(change.unit)) === 'stale') return STALE;
    await ports.recordCheck(before.connection.id, at, lastCheckAfter(at, result));
    return { connection: (change?.after ?? before).connection, check };
  }, ports);
}
