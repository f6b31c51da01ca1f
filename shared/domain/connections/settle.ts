import { type Actor, SYSTEM } from '../access/actor.ts';
import type { SecretWriter } from '../credentials/secrets.ts';
import { DomainError } from '../errors.ts';
import type { Essentials } from '../essentials.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import { after, timestamp } from '../time.ts';
import type { Committer } from '../unit-of-work.ts';
import type { Connection } from './connection.ts';
import { type HistoryEntry, type HistoryReason, historyEntry } from './history.ts';
import type { ConnectionRef } from './load.ts';
import type { ConnectionReader } from './reader.ts';
import type { Mark, StoredConnection } from './stored.ts';

/** How long a reconnect may hold its mark: well beyond the 30 s that a function can live. */
const MARK_SECONDS = 60;

type MarkPorts = Pick<ConnectionReader, 'findConnection'> & Committer & Essentials;

/** What settling needs. */
export type SettlePorts = MarkPorts & Pick<SecretWriter, 'labelServing'>;

/** A mark of our own from now on. */
export function newMark({ clock, ids }: Pick<Essentials, 'clock' | 'ids'>): Mark {
  return { operationId: ids.next(), deadline: timestamp(after(clock.now(), MARK_SECONDS)) };
}

/** Whether the one who set the mark can still be at work. */
export function isLive(mark: Mark, { clock }: Pick<Essentials, 'clock'>): boolean {
  return mark.deadline > timestamp(clock.now());
}

/** Ends a reconnect whose mark is past its deadline, as the sweeper does. Does nothing where none is. */
export async function settleReconnect(ref: ConnectionRef, ports: SettlePorts): Promise<void> {
  const stored = await ports.findConnection(ref.projectId, ref.connectionId);
  if (!stored?.reconnecting || isLive(stored.reconnecting, ports)) return;
  const { operationId } = stored.reconnecting;
  await clearUp(ref, ports, ({ reconnecting }) => reconnecting?.operationId === operationId);
}

/**
 * Ends a reconnect of one's own that failed. It may have been ended by others in the meantime, for its deadline
 * was past, and have put its version after they moved the label back: so whatever mark stands is taken over, and
 * whoever set it is told `busy`. Does nothing where the reconnect was committed after all.
 */
export function abandonReconnect(ref: ConnectionRef, mark: Mark, ports: SettlePorts): Promise<void> {
  return clearUp(ref, ports, ({ secretVersion }) => secretVersion !== mark.operationId);
}

/**
 * Sets a mark of one's own, so that no reconnect under an earlier one can still commit; puts the label back on the
 * version that serves; then removes the mark. A crash in between leaves a mark that is settled in its turn.
 */
async function clearUp(ref: ConnectionRef, ports: SettlePorts, isDue: IsDue): Promise<void> {
  const taken = await takeOver(ref, ports, isDue);
  if (!taken) return;
  const { connection, secretVersion } = taken.before;
  await ports.labelServing(connection.id, secretVersion);
  // Where no mark stood, the one who removed it has told of the failure.
  const failed = { mark: taken.mark, actor: SYSTEM, error: null };
  if (taken.before.reconnecting) await recordFailure(ref, failed, ports);
  else await removeMark(ref, taken.mark, ports, () => []);
}

type IsDue = (stored: StoredConnection) => boolean;

interface TakenOver {
  readonly before: StoredConnection;
  readonly mark: Mark;
}

function takeOver(ref: ConnectionRef, ports: MarkPorts, isDue: IsDue): Promise<TakenOver | null> {
  return untilCommitted(async () => {
    const before = await ports.findConnection(ref.projectId, ref.connectionId);
    if (!before || !isDue(before)) return null;
    const mark = newMark(ports);
    const after = { ...before, reconnecting: mark };
    const outcome = await ports.commit({ connections: [{ before, after }] });
    return outcome === 'committed' ? { before, mark } : STALE;
  }, ports);
}

interface Failure {
  readonly mark: Mark;
  readonly actor: Actor;
  readonly error: unknown;
}

/** Removes a mark whose reconnect put nothing, or was cleaned up after, and tells why it came to nothing. */
export function recordFailure(ref: ConnectionRef, failed: Failure, ports: MarkPorts): Promise<void> {
  const happening = { type: 'reconnect_failed', reason: reasonOf(failed.error) } as const;
  return removeMark(ref, failed.mark, ports, (connection) => {
    const at = timestamp(ports.clock.now());
    return [historyEntry(connection, happening, { actor: failed.actor, at }, ports)];
  });
}

function removeMark(
  ref: ConnectionRef,
  { operationId }: Mark,
  ports: MarkPorts,
  tell: (connection: Connection) => readonly HistoryEntry[],
): Promise<void> {
  return untilCommitted(async () => {
    const before = await ports.findConnection(ref.projectId, ref.connectionId);
    if (before?.reconnecting?.operationId !== operationId) return;
    const after = { ...before, reconnecting: null };
    const history = tell(before.connection);
    const outcome = await ports.commit({ connections: [{ before, after }], history });
    return outcome === 'committed' ? undefined : STALE;
  }, ports);
}

function reasonOf(error: unknown): HistoryReason {
  if (!(error instanceof DomainError)) return 'interrupted';
  const { problem } = error;
  if (problem.code === 'credentials_rejected') return problem.reason;
  if (problem.code === 'account_mismatch' || problem.code === 'provider_unavailable') return problem.code;
  return 'interrupted';
}
