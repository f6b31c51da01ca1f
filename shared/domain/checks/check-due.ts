import type { ConnectionRef } from '../connections/load.ts';
import type { ConnectionReader } from '../connections/reader.ts';
import type { Verification } from '../credentials/verification.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import type { Committer } from '../unit-of-work.ts';
import { BY_SCHEDULE, type ExaminePorts, examine } from './examine.ts';
import { stateAfter } from './last-check.ts';
import type { CheckLedger } from './ports.ts';

export type CheckDuePorts = Pick<ConnectionReader, 'findConnection'> &
  Pick<CheckLedger, 'recordCheck'> &
  ExaminePorts &
  Committer;

/**
 * Checks a connection for a turn that is not done with. Nothing new costs one small write. A connection that is
 * gone by now is no work.
 *
 * @returns what the provider said; null where there was nothing to do.
 * @throws DomainError `busy`.
 */
export function checkDue(
  ref: ConnectionRef,
  turn: string,
  ports: CheckDuePorts,
): Promise<Verification | null> {
  return untilCommitted(async () => {
    const before = await ports.findConnection(ref.projectId, ref.connectionId);
    if (!before) return null;
    const examination = await examine(before, BY_SCHEDULE, ports);
    const { verification, change } = examination;
    if (change && (await ports.commit(change.unit)) === 'stale') return STALE;
    await ports.recordCheck(ref.connectionId, turn, stateAfter(turn, examination));
    return verification;
  }, ports);
}
