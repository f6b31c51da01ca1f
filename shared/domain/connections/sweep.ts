import type { SecretRemover } from '../credentials/secrets.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import type { ConnectionRef } from './load.ts';
import type { DeadlineReader, Overdue } from './reader.ts';
import { type SettlePorts, settleReconnect } from './settle.ts';
import type { CreationIntent } from './stored.ts';

/** Reads the notes of creations under way. */
export interface IntentReader {
  findIntent(ref: ConnectionRef): Promise<CreationIntent | undefined>;
}

type SweepPorts = SettlePorts & DeadlineReader & IntentReader & Pick<SecretRemover, 'retireSecret'>;

/** What a sweep came to; what failed stays due and is swept again. */
export interface Swept {
  readonly done: number;
  readonly failures: readonly { readonly work: Overdue; readonly error: unknown }[];
}

const BATCH = 100;

/** Ends what crashes left behind: creations that were never committed, and reconnects that were cut short. */
export async function sweepOverdue(ports: SweepPorts): Promise<Swept> {
  const overdue = await ports.overdue(ports.clock.now(), BATCH);
  const results = await Promise.allSettled(
    overdue.map((work) =>
      work.kind === 'creation' ? abandonCreation(work, ports) : settleReconnect(work, ports),
    ),
  );
  const failures = results.flatMap((result, index) => {
    const work = overdue[index];
    return result.status === 'rejected' && work ? [{ work, error: result.reason }] : [];
  });
  return { done: overdue.length - failures.length, failures };
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
