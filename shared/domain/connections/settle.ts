import { type Actor, SYSTEM } from '../access/actor.ts';
import type { SecretWriter } from '../credentials/secrets.ts';
import { DomainError } from '../errors.ts';
import type { OperationContext } from '../operation-context.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import { after, timestamp } from '../time.ts';
import type { Committer } from '../unit-of-work.ts';
import type { Connection } from './connection.ts';
import { type HistoryEntry, type HistoryReason, historyEntry } from './history.ts';
import type { ConnectionRef } from './load.ts';
import type { ConnectionReader } from './reader.ts';
import type { Lease, StoredConnection } from './stored.ts';

/** How long a reconnect may hold its mark: well beyond the 30 s that a function can live. */
const LEASE_SECONDS = 60;

type LeasePorts = Pick<ConnectionReader, 'findConnection'> & Committer & OperationContext;

/** What settling needs. */
export type RecoveryPorts = LeasePorts & Pick<SecretWriter, 'labelServing'>;

/** A mark of our own from now on. */
export function newLease({ clock, ids }: Pick<OperationContext, 'clock' | 'ids'>): Lease {
  return { id: ids.next(), expiresAt: timestamp(after(clock.now(), LEASE_SECONDS)) };
}

/** Whether the one who set the mark can still be at work. */
export function isLive(lease: Lease, { clock }: Pick<OperationContext, 'clock'>): boolean {
  return lease.expiresAt > timestamp(clock.now());
}

/** Ends a reconnect whose mark is past its deadline, as the sweeper does. Does nothing where none is. */
export async function recoverReconnect(ref: ConnectionRef, ports: RecoveryPorts): Promise<void> {
  const stored = await ports.findConnection(ref.projectId, ref.connectionId);
  if (!stored?.lease || isLive(stored.lease, ports)) return;
  const { id } = stored.lease;
  await clearUp(ref, ports, ({ lease }) => lease?.id === id);
}

/**
 * Ends a reconnect of one's own that failed. It may have been ended by others in the meantime, for its deadline
 * was past, and have put its version after they moved the label back: so whatever mark stands is taken over, and
 * whoever set it is told `busy`. Does nothing where the reconnect was committed after all.
 */
export function abandonReconnect(ref: ConnectionRef, lease: Lease, ports: RecoveryPorts): Promise<void> {
  return clearUp(ref, ports, ({ secretVersion }) => secretVersion !== lease.id);
}

/**
 * Sets a mark of one's own, so that no reconnect under an earlier one can still commit; puts the label back on the
 * version that serves; then removes the mark. A crash in between leaves a mark that is settled in its turn.
 */
async function clearUp(ref: ConnectionRef, ports: RecoveryPorts, isDue: IsDue): Promise<void> {
  const taken = await takeOver(ref, ports, isDue);
  if (!taken) return;
  const { connection, secretVersion } = taken.before;
  await ports.labelServing(connection.id, secretVersion);
  // Where no mark stood, the one who removed it has told of the failure.
  const failed = { lease: taken.lease, actor: SYSTEM, error: null };
  if (taken.before.lease) await recordFailure(ref, failed, ports);
  else await releaseLease(ref, taken.lease, ports, () => []);
}

type IsDue = (stored: StoredConnection) => boolean;

interface TakenOver {
  readonly before: StoredConnection;
  readonly lease: Lease;
}

function takeOver(ref: ConnectionRef, ports: LeasePorts, isDue: IsDue): Promise<TakenOver | null> {
  return untilCommitted(async () => {
    const before = await ports.findConnection(ref.projectId, ref.connectionId);
    if (!before || !isDue(before)) return null;
    const lease = newLease(ports);
    const after = { ...before, lease: lease };
    const outcome = await ports.commit({ connections: [{ before, after }] });
    return outcome === 'committed' ? { before, lease } : STALE;
  }, ports);
}

interface Failure {
  readonly lease: Lease;
  readonly actor: Actor;
  readonly error: unknown;
}

/** Removes a mark whose reconnect put nothing, or was cleaned up after, and tells why it came to nothing. */
export function recordFailure(ref: ConnectionRef, failed: Failure, ports: LeasePorts): Promise<void> {
  const change = { type: 'reconnect_failed', reason: reasonOf(failed.error) } as const;
  return releaseLease(ref, failed.lease, ports, (connection) => {
    const at = timestamp(ports.clock.now());
    return [historyEntry(connection, change, { actor: failed.actor, at }, ports)];
  });
}

function releaseLease(
  ref: ConnectionRef,
  { id }: Lease,
  ports: LeasePorts,
  tell: (connection: Connection) => readonly HistoryEntry[],
): Promise<void> {
  return untilCommitted(async () => {
    const before = await ports.findConnection(ref.projectId, ref.connectionId);
    if (before?.lease?.id !== id) return;
    const after = { ...before, lease: null };
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
