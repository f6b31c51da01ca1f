import type { CredentialWriter } from '../credentials/store.ts';
import { DomainError, retryLater } from '../errors.ts';
import type { ConnectionRef, FindConnectionPort, Lease, StoredConnection } from '../model/connection.ts';
import { type Actor, type HistoryEntry, historyEntry, SYSTEM } from '../model/history.ts';
import type { CommitPort } from '../model/unit-of-work.ts';
import { addSeconds, type OperationContext, timestamp } from '../operation-context.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import type { HistoryReason, LeasePurpose } from '../terms.ts';

/**
 * The lease of a connection gives one operation at a time the right to replace its credentials. A holder commits only
 * while the lease is still its own, so an expired holder that is still running can change nothing.
 *
 * Everything moves forward (docs/decisions/0015): a new version is put, the commit makes it serve, the store promotes it
 * afterwards. A crash in between leaves a lease that expires, or a promotion that the sweeper or the next holder makes.
 */

/** Well beyond the 30 s that a function can run. */
const LEASE_SECONDS = 60;

/** Ports of leases. */
export type LeasePorts = FindConnectionPort & CommitPort & OperationContext;

/** Ports that promote a committed version. */
export type PromotePorts = LeasePorts & {
  readonly credentials: Pick<CredentialWriter, 'promoted' | 'promote'>;
};

/**
 * Acquires the lease of a connection, in place of an expired one if there is one.
 *
 * @param load reads the connection, and throws where the operation must not start.
 * @returns the lease and the connection as it was then.
 * @throws DomainError `reconnect_in_progress` while another holder may be running; `busy`; whatever `load` throws.
 */
export function acquireLease(
  purpose: LeasePurpose,
  load: () => Promise<StoredConnection>,
  ports: LeasePorts,
): Promise<{ readonly lease: Lease; readonly stored: StoredConnection }> {
  return untilCommitted(async () => {
    const before = await load();
    const now = ports.clock.now();
    if (before.lease && !isExpired(before.lease, now)) {
      const seconds = Math.ceil((Date.parse(before.lease.expiresAt) - now.getTime()) / 1000);
      throw retryLater(
        'reconnect_in_progress',
        'Another reconnect of this connection is under way.',
        Math.max(1, seconds),
      );
    }
    const lease = { id: ports.ids.next(), purpose, expiresAt: timestamp(addSeconds(now, LEASE_SECONDS)) };
    const after = { ...before, lease };
    const history = before.lease ? [failedReconnect(before, 'interrupted', SYSTEM, ports)] : [];
    const outcome = await ports.unitOfWork.commit({ connections: [{ before, after }], history });
    return outcome === 'committed' ? { lease, stored: after } : STALE;
  }, ports);
}

function isExpired({ expiresAt }: Lease, now: Date): boolean {
  return expiresAt <= timestamp(now);
}

/** State of a connection after a failed operation gave its lease back. */
export type Release =
  | { readonly outcome: 'released' | 'disconnected' }
  | { readonly outcome: 'committed'; readonly stored: StoredConnection };

/**
 * Releases a lease after its operation failed. A failed call may have taken effect with its response lost: when the
 * version of the lease already serves, nothing is released and the outcome is `committed`.
 *
 * @param history creates the entries to commit with the release.
 */
export function releaseLease(
  ref: ConnectionRef,
  lease: Lease,
  history: (stored: StoredConnection) => readonly HistoryEntry[],
  ports: LeasePorts,
): Promise<Release> {
  return untilCommitted<Release>(async () => {
    const before = await ports.connections.find(ref);
    if (!before) return { outcome: 'disconnected' };
    if (before.secretVersion === lease.id) return { outcome: 'committed', stored: before };
    if (before.lease?.id !== lease.id) return { outcome: 'released' };
    const after = { ...before, lease: null };
    const outcome = await ports.unitOfWork.commit({
      connections: [{ before, after }],
      history: history(before),
    });
    return outcome === 'committed' ? { outcome: 'released' } : STALE;
  }, ports);
}

/** Creates the history entry of a reconnect that failed. */
export function failedReconnect(
  { connection }: StoredConnection,
  reason: HistoryReason,
  actor: Actor,
  ports: LeasePorts,
): HistoryEntry {
  return historyEntry(connection, { type: 'reconnect_failed', reason }, actor, ports);
}

/** Returns the reason that the history records for a failed reconnect. */
export function failureReason(error: unknown): HistoryReason {
  if (!(error instanceof DomainError)) return 'interrupted';
  const { problem } = error;
  if (problem.code === 'credentials_rejected') return problem.reason;
  if (problem.code === 'account_mismatch' || problem.code === 'provider_unavailable') return problem.code;
  return 'interrupted';
}

/**
 * Promotes the version that serves, where that is still pending. A version that was never promoted may be pruned after a
 * day, so the next holder of a lease does this before it puts another version.
 *
 * The promoted version is read before the pointer and moved by compare-and-set, so that a slow caller cannot move it
 * back behind a faster one.
 */
export function promoteServing(ref: ConnectionRef, ports: PromotePorts): Promise<void> {
  const { connectionId } = ref;
  return untilCommitted(async () => {
    const promoted = await ports.credentials.promoted(connectionId);
    const before = await ports.connections.find(ref);
    if (!before?.promotionPending) return;
    const version = before.secretVersion;
    if (promoted !== undefined && promoted !== version) {
      const moved = await ports.credentials.promote({ connectionId, version }, promoted);
      if (!moved) return STALE;
    }
    const after = { ...before, promotionPending: false };
    const outcome = await ports.unitOfWork.commit({ connections: [{ before, after }] });
    return outcome === 'committed' ? undefined : STALE;
  }, ports);
}

/**
 * Finishes what a crash left of an operation that holds leases: removes an expired lease, with a history entry of the
 * interrupted reconnect, and promotes a committed version.
 */
export async function recoverConnection(ref: ConnectionRef, ports: PromotePorts): Promise<void> {
  const stored = await ports.connections.find(ref);
  if (stored?.lease && isExpired(stored.lease, ports.clock.now())) {
    const interrupted = (before: StoredConnection) => [failedReconnect(before, 'interrupted', SYSTEM, ports)];
    await releaseLease(ref, stored.lease, interrupted, ports);
  }
  if (stored?.promotionPending) await promoteServing(ref, ports);
}
