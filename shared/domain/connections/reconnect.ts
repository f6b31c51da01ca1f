import type { CredentialSource, VerifiedCredentials } from '../credentials/accept.ts';
import { type CredentialPromoter, type CredentialWriter, versionOf } from '../credentials/store.ts';
import type { Verified } from '../credentials/verification.ts';
import { DomainError, retryLater } from '../errors.ts';
import {
  type Connection,
  type ConnectionTarget,
  connectionLoader,
  connectionNotFound,
  type ExpectedVersions,
  type Lease,
  requireVersion,
  type StoredConnection,
} from '../model/connection.ts';
import { reminderAfter } from '../model/expiry.ts';
import type { FlowNamesPort } from '../model/flow.ts';
import { type Actor, type HistoryChange, historyEntries, SYSTEM } from '../model/history.ts';
import { type ProviderPort, requireProvider } from '../model/provider.ts';
import { reconnected, statusChanges } from '../model/status.ts';
import { timestamp } from '../operation-context.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import {
  acquireLease,
  failedReconnect,
  failureReason,
  type LeasePorts,
  promoteServing,
  releaseLease,
} from './lease.ts';

export interface Reconnect extends ConnectionTarget {
  readonly source: CredentialSource;
  /** UUIDv7 of the new credentials version. Default: a new one. */
  readonly id?: string | undefined;
  /** True: the new credentials may belong to another account than before. */
  readonly allowAccountChange: boolean;
  readonly expected: ExpectedVersions;
  readonly actor: Actor;
}

export type ReconnectPorts = LeasePorts &
  ProviderPort &
  FlowNamesPort & { readonly credentials: CredentialPromoter & Pick<CredentialWriter, 'put'> };

/**
 * Replaces a connection's credentials: acquire the lease, verify, put, commit, promote. The old credentials serve until
 * the commit, and keep serving when anything before it fails.
 *
 * @throws DomainError `connection_not_found`, `version_conflict`, `authorization_required`, `invalid_request`,
 * `reconnect_in_progress`, `credentials_rejected`, `account_mismatch`, `provider_unavailable`, `busy`.
 */
export async function reconnect(request: Reconnect, ports: ReconnectPorts): Promise<Connection> {
  const found = await connectionLoader(request, ports, request.expected)();
  const provider = requireProvider(found.connection, ports);
  request.source.precheck(provider);
  const { lease, stored } = await acquireLease(
    { purpose: 'reconnect', id: request.id },
    connectionLoader({ ...request, found }, ports, request.expected),
    ports,
  );
  const committed = await commitOrRelease(request, { lease, stored }, ports);
  // The commit decides. What fails after it is finished by the sweeper, or by the next holder of a lease.
  await Promise.allSettled([promoteServing(request, ports)]);
  return committed.connection;
}

interface LeasedConnection {
  readonly lease: Lease;
  readonly stored: StoredConnection;
}

async function commitOrRelease(
  request: Reconnect,
  { lease, stored }: LeasedConnection,
  ports: ReconnectPorts,
): Promise<StoredConnection> {
  let mayBeCommitted = false;
  try {
    const candidate = await verifyCandidate(request, { lease, stored }, ports);
    if (stored.promotionPending) await promoteServing(request, ports);
    await ports.credentials.put(versionOf(stored, lease.id), candidate.credentials);
    mayBeCommitted = true;
    return await commitReconnect(request, lease, candidate, ports);
  } catch (error) {
    // A lease that could not be released expires, and the sweeper removes it.
    const [release] = await Promise.allSettled([releaseFailed(request, lease, error, ports)]);
    if (release.status === 'rejected') {
      if (!mayBeCommitted) await Promise.allSettled([request.source.discard()]);
      throw error;
    }
    if (release.value.outcome === 'committed') return release.value.stored;
    await Promise.allSettled([request.source.discard()]);
    if (release.value.outcome === 'disconnected') throw connectionNotFound();
    throw error;
  }
}

/** A version conflict found at the commit leaves no history entry, like one found at the start. */
function releaseFailed(request: Reconnect, lease: Lease, error: unknown, ports: ReconnectPorts) {
  const isConflict = error instanceof DomainError && error.code === 'version_conflict';
  const reason = failureReason(error);
  const actor = reason === 'interrupted' ? SYSTEM : request.actor;
  const history = (stored: StoredConnection) => [failedReconnect(stored, reason, actor, ports)];
  return releaseLease(request, lease, isConflict ? {} : { history }, ports);
}

async function verifyCandidate(
  { source, allowAccountChange }: Reconnect,
  { lease, stored: { connection } }: LeasedConnection,
  ports: ReconnectPorts,
): Promise<VerifiedCredentials> {
  const { projectId, id: connectionId } = connection;
  const owner = { projectId, connectionId, version: lease.id };
  const candidate = await source.verify(requireProvider(connection, ports), owner);
  if (!allowAccountChange) requireSameAccount(connection, candidate.verified);
  return candidate;
}

function requireSameAccount({ account: current }: Connection, { account: candidate }: Verified): void {
  if (!current || !candidate || current.id === candidate.id) return;
  throw new DomainError(
    { code: 'account_mismatch', current: current.label, candidate: candidate.label },
    'These credentials belong to another account than before. Allow the change, or use the same account.',
  );
}

/** Commits the pointer to the new version: the point from which the new credentials serve. */
function commitReconnect(
  request: Reconnect,
  lease: Lease,
  { verified, accessToken }: VerifiedCredentials,
  ports: ReconnectPorts,
): Promise<StoredConnection> {
  return untilCommitted(async () => {
    const before = await ports.connections.find(request);
    if (!before) throw connectionNotFound();
    if (before.credentialsVersion === lease.id) return before;
    if (before.lease?.id !== lease.id) throw retryLater('busy', 'The reconnect took too long; try again.', 1);
    requireVersion(before, request.expected);
    const now = ports.clock.now();
    const connection = reconnected(before.connection, verified, timestamp(now));
    const after = {
      ...before,
      connection,
      credentialsVersion: lease.id,
      promotionPending: true,
      lease: null,
      interruptedRefresh: null,
      accessToken,
      cadence: requireProvider(connection, ports).cadence,
      reminder: reminderAfter(now, connection.expiresAt),
    };
    // `reconnected` comes last, so that it is the newest entry.
    const changes = [
      ...(await statusChanges(before.connection, connection, ports)),
      reconnectedChange(before.connection, connection),
    ];
    const history = historyEntries(connection, changes, request.actor, ports);
    const outcome = await ports.unitOfWork.commit({ connections: [{ before, after }], history });
    return outcome === 'committed' ? after : STALE;
  }, ports);
}

function reconnectedChange({ account: from }: Connection, { account: to }: Connection): HistoryChange {
  if (!from || !to || from.id === to.id) return { type: 'reconnected' };
  return { type: 'reconnected', from: { account: from.label }, to: { account: to.label } };
}
