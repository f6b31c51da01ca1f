import { processInBatches, type RunReport } from '../batches.ts';
import { type CredentialPromoter, type CredentialRemover, retireEverywhere } from '../credentials/store.ts';
import type { ConnectionRef } from '../model/connection.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import type { IntentReader } from './create.ts';
import { type LeasePorts, recoverConnection } from './lease.ts';

/** An operation that did not finish in time. */
export interface OverdueOperation extends ConnectionRef {
  readonly kind: 'creation' | 'credentials';
}

/** Finds operations that crashes left unfinished. */
export interface RecoveryReader {
  /** Yields the operations that were overdue at `now`, oldest first. */
  overdue(now: Date): AsyncIterable<OverdueOperation>;
}

export type SweepPorts = LeasePorts & {
  readonly recovery: RecoveryReader & IntentReader;
  readonly credentials: CredentialPromoter & CredentialRemover;
};

/** Finishes what crashes left behind: creations without a commit, expired leases, versions that were not promoted. */
export function sweep(ports: SweepPorts): Promise<RunReport<OverdueOperation>> {
  return processInBatches(ports.recovery.overdue(ports.clock.now()), ({ kind, ...ref }) =>
    kind === 'creation' ? abandonCreation(ref, ports) : recoverConnection(ref, ports),
  );
}

/**
 * Ends a creation: first marks the intent, so that the creation can no longer be committed; then retires the
 * credentials; last removes the intent. A crash between the steps is repeated from the intent.
 */
function abandonCreation(ref: ConnectionRef, ports: SweepPorts): Promise<void> {
  return untilCommitted(async () => {
    const intent = await ports.recovery.findIntent(ref);
    if (!intent) return;
    const abandoned = { ...intent, abandoned: true };
    const committed = await ports.unitOfWork.commit({ intent: { before: intent, after: abandoned } });
    if (committed === 'stale') return STALE;
    await retireEverywhere(ref, ports.credentials);
    const removed = await ports.unitOfWork.commit({ intent: { before: abandoned, after: null } });
    return removed === 'committed' ? undefined : STALE;
  }, ports);
}
