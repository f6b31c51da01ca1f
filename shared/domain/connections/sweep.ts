import { processInBatches, type RunReport } from '../batches.ts';
import type { SecretRemover } from '../credentials/secrets.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import type { ConnectionRef } from './load.ts';
import type { Overdue, RecoveryReader } from './reader.ts';
import { type RecoveryPorts, recoverReconnect } from './settle.ts';
import type { CreationIntent } from './stored.ts';

/** Reads the notes of creations under way. */
export interface IntentReader {
  findIntent(ref: ConnectionRef): Promise<CreationIntent | undefined>;
}

type SweepPorts = RecoveryPorts & RecoveryReader & IntentReader & Pick<SecretRemover, 'retireSecret'>;

/** Ends what crashes left behind: creations that were never committed, and reconnects that were cut short. */
export function sweepOverdue(ports: SweepPorts): Promise<RunReport<Overdue>> {
  return processInBatches(ports.overdue(ports.clock.now()), (work) =>
    work.kind === 'creation' ? abandonCreation(work, ports) : recoverReconnect(work, ports),
  );
}

/** First no commit can follow, then the secret goes, last the note of it; so a crash in between loses nothing. */
function abandonCreation(ref: ConnectionRef, ports: SweepPorts): Promise<void> {
  return untilCommitted(async () => {
    const intent = await ports.findIntent(ref);
    if (!intent) return;
    const abandoned = { ...intent, abandoned: true };
    if ((await ports.commit({ intent: { before: intent, after: abandoned } })) === 'stale') return STALE;
    await ports.retireSecret(ref.connectionId);
    const outcome = await ports.commit({ intent: { before: abandoned, after: null } });
    return outcome === 'committed' ? undefined : STALE;
  }, ports);
}
