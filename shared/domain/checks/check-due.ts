import type { ConnectionRef } from '../connections/load.ts';
import type { ConnectionReader } from '../connections/reader.ts';
import type { Verification } from '../credentials/verification.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import type { Committer } from '../unit-of-work.ts';
import { BY_SCHEDULE, type RunCheckPorts, runCheck } from './examine.ts';
import { lastCheckAfter } from './last-check.ts';
import type { LastCheckStore } from './ports.ts';

export type CheckDuePorts = Pick<ConnectionReader, 'findConnection'> &
  Pick<LastCheckStore, 'recordCheck'> &
  RunCheckPorts &
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
  scheduledFor: string,
  ports: CheckDuePorts,
): Promise<Verification | null> {
  return untilCommitted(async () => {
    const before = await ports.findConnection(ref.projectId, ref.connectionId);
    if (!before) return null;
    const result = await runCheck(before, BY_SCHEDULE, ports);
    const { verification, change } = result;
    if (change && (await ports.commit(change.unit)) === 'stale') return STALE;
    await ports.recordCheck(ref.connectionId, scheduledFor, lastCheckAfter(scheduledFor, result));
    return verification;
  }, ports);
}
