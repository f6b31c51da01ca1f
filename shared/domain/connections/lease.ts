import { type CredentialPromoter, versionOf } from '../credentials/store.ts';
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

/**
 * Seconds of a lease: a reconnect's well beyond the 30 s that a function can run, a refresh's beyond the 8 s of its call,
 * since others wait for it.
 */
const LEASE_SECONDS: Readonly<Record<LeasePurpose, number>> = { reconnect: 60, refresh: 20 };

/** Ports of leases. */
export type LeasePorts = FindConnectionPort &
  CommitPort &
  OperationContext & { readonly credentials: Pick<CredentialPromoter, 'exists'> };

/** Ports that promote a committed version. */
export type PromotePorts = LeasePorts & {
  readonly credentials: CredentialPromoter;
};

/** A lease that was acquired. */
export interface AcquiredLease {
  readonly lease: Lease;
  /** The connection with the lease. */
  readonly stored: StoredConnection;
}

/**
 * Acquires the lease of a connection, in place of an expired one if there is one. Waits for a refresh to finish.
 *
 * @param load reads the connection, and throws where the operation must not start.
 * @throws DomainError `reconnect_in_progress` while another reconnect may be running; `busy`; whatever `load` throws.
 */
export function acquireLease(
  request: LeaseRequest,
  load: () => Promise<StoredConnection>,
  ports: LeasePorts,
): Promise<AcquiredLease> {
  return untilCommitted(async () => tryAcquireLease(request, await load(), ports), ports);
}

export interface LeaseRequest {
  readonly purpose: LeasePurpose;
  /** Also the version that the holder writes. Default: a new id. */
  readonly id?: string | undefined;
}

/**
 * Acquires the lease of a connection as it was read. `STALE` while a refresh holds it, while a reconnect does and a refresh
 * asks, and where another commit came first.
 *
 * @throws DomainError `reconnect_in_progress` where a reconnect asks while another one may be running.
 */
export async function tryAcquireLease(
  { purpose, id }: LeaseRequest,
  before: StoredConnection,
  ports: LeasePorts,
): Promise<AcquiredLease | typeof STALE> {
  const now = ports.clock.now();
  if (before.lease && !isExpired(before.lease, now)) {
    if (before.lease.purpose === 'refresh' || purpose === 'refresh') return STALE;
    throw reconnectInProgress(before.lease, now);
  }
  const expiresAt = timestamp(addSeconds(now, LEASE_SECONDS[purpose]));
  const lease = { id: id ?? ports.ids.next(), purpose, expiresAt };
  const { stored, history } = await withoutExpiredLease(before, ports);
  const after = { ...stored, lease };
  const outcome = await ports.unitOfWork.commit({ connections: [{ before, after }], history });
  return outcome === 'committed' ? { lease, stored: after } : STALE;
}

function reconnectInProgress({ expiresAt }: Lease, now: Date): DomainError {
  const seconds = Math.ceil((Date.parse(expiresAt) - now.getTime()) / 1000);
  const message = 'Another reconnect of this connection is under way.';
  return retryLater('reconnect_in_progress', message, Math.max(1, seconds));
}

/**
 * Returns the connection without its expired lease. An interrupted reconnect leaves the old credentials serving, and a
 * history entry. A refresh that put a version before it was interrupted is rolled forward: the provider had issued the
 * tokens, and may no longer accept the previous ones. Without a version its id is kept, for a version that is put late, and
 * to say why the provider refuses the previous ones.
 */
async function withoutExpiredLease(
  before: StoredConnection,
  ports: LeasePorts,
): Promise<{ readonly stored: StoredConnection; readonly history: readonly HistoryEntry[] }> {
  const { lease } = before;
  const interruptedRefresh = lease?.purpose === 'refresh' ? lease.id : before.interruptedRefresh;
  const history =
    lease?.purpose === 'reconnect' ? [failedReconnect(before, 'interrupted', SYSTEM, ports)] : [];
  const stored = { ...before, lease: null, interruptedRefresh };
  if (interruptedRefresh === null) return { stored, history };
  const isPut = await ports.credentials.exists(versionOf(before, interruptedRefresh));
  return { stored: isPut ? rollForward(stored, interruptedRefresh) : stored, history };
}

/** Returns the connection with the version of an interrupted refresh. Its access token was lost; the next use refreshes. */
export function rollForward(stored: StoredConnection, version: string): StoredConnection {
  return {
    ...stored,
    credentialsVersion: version,
    promotionPending: true,
    interruptedRefresh: null,
    accessToken: null,
  };
}

function isExpired({ expiresAt }: Lease, now: Date): boolean {
  return expiresAt <= timestamp(now);
}

/** State of a connection after a failed operation gave its lease back. */
export type Release =
  | { readonly outcome: 'released' | 'disconnected' }
  | { readonly outcome: 'committed'; readonly stored: StoredConnection };

export interface ReleaseOptions {
  /** Creates the entries to commit with the release. */
  readonly history?: (stored: StoredConnection) => readonly HistoryEntry[];
  /** True for a refresh whose result is unknown. */
  readonly isInterrupted?: boolean;
}

/**
 * Releases a lease after its operation failed. A failed call may have taken effect with its response lost: when the
 * version of the lease already serves, nothing is released and the outcome is `committed`.
 *
 */
export function releaseLease(
  ref: ConnectionRef,
  lease: Lease,
  { history = () => [], isInterrupted = false }: ReleaseOptions,
  ports: LeasePorts,
): Promise<Release> {
  return untilCommitted<Release>(async () => {
    const before = await ports.connections.find(ref);
    if (!before) return { outcome: 'disconnected' };
    if (before.credentialsVersion === lease.id) return { outcome: 'committed', stored: before };
    if (before.lease?.id !== lease.id) return { outcome: 'released' };
    const after = { ...before, lease: null, ...(isInterrupted && { interruptedRefresh: lease.id }) };
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
  if (
    problem.code === 'account_mismatch' ||
    problem.code === 'provider_unavailable' ||
    problem.code === 'scopes_missing'
  ) {
    return problem.code;
  }
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
  return untilCommitted(async () => {
    // This read says whether there is anything to do, and in which store; the pointer is read below.
    const found = await ports.connections.find(ref);
    if (!found?.promotionPending) return;
    const promoted = await ports.credentials.promoted(versionOf(found));
    const before = await ports.connections.find(ref);
    if (!before?.promotionPending) return;
    if (before.credentialStore !== found.credentialStore) return STALE;
    const version = versionOf(before);
    if (promoted !== undefined && promoted !== version.version) {
      const moved = await ports.credentials.promote(version, promoted);
      if (!moved) return STALE;
    }
    const after = { ...before, promotionPending: false };
    const outcome = await ports.unitOfWork.commit({ connections: [{ before, after }] });
    return outcome === 'committed' ? undefined : STALE;
  }, ports);
}

/**
 * Finishes what a crash left of an operation that holds leases: removes an expired lease, rolls an interrupted refresh
 * forward, and promotes a committed version.
 */
export async function recoverConnection(ref: ConnectionRef, ports: PromotePorts): Promise<void> {
  await untilCommitted(async () => {
    const before = await ports.connections.find(ref);
    if (!before?.lease || !isExpired(before.lease, ports.clock.now())) return;
    const { stored: after, history } = await withoutExpiredLease(before, ports);
    const outcome = await ports.unitOfWork.commit({ connections: [{ before, after }], history });
    return outcome === 'committed' ? undefined : STALE;
  }, ports);
  await promoteServing(ref, ports);
}
