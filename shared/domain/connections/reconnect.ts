import type { Provider } from '../../catalog/schema.ts';
import type { Actor } from '../access/actor.ts';
import { historyEntries, statusChanges } from '../checks/judge.ts';
import {
  type NewCredentials,
  requireFields,
  requireFutureDate,
  type Verified,
  verifyOrThrow,
} from '../credentials/accept.ts';
import type { Credentials } from '../credentials/credentials.ts';
import type { SecretWriter } from '../credentials/secrets.ts';
import type { Verifier } from '../credentials/verification.ts';
import { DomainError, failure } from '../errors.ts';
import type { FlowReader } from '../flows/flow.ts';
import type { OperationContext } from '../operation-context.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import { timestamp } from '../time.ts';
import type { Committer } from '../unit-of-work.ts';
import type { Connection } from './connection.ts';
import { reminderAfter } from './expiry.ts';
import type { HistoryChange } from './history.ts';
import { type ConnectionRef, connectionNotFound, type ExpectedVersions, loadConnection } from './load.ts';
import { providerOf } from './provider.ts';
import type { ConnectionReader } from './reader.ts';
import { abandonReconnect, isLive, newLease, recordFailure, recoverReconnect } from './settle.ts';
import type { Lease, StoredConnection } from './stored.ts';
import { reconnected } from './transitions.ts';

export interface Reconnect extends ConnectionRef, NewCredentials {
  /** Whether the new credentials may belong to another account than before. */
  readonly allowAccountChange: boolean;
  readonly expected: ExpectedVersions;
  readonly actor: Actor;
}

export type ReconnectPorts = Pick<ConnectionReader, 'findConnection'> &
  Pick<FlowReader, 'flowsUsing'> &
  Pick<SecretWriter, 'putSecret' | 'labelServing'> &
  Verifier &
  Committer &
  OperationContext;

/**
 * Replaces a connection's credentials: mark, verify, put, commit. The old credentials serve until the commit,
 * and go on serving when anything before it fails (docs/decisions/0002).
 *
 * @throws DomainError `connection_not_found`, `version_conflict`, `authorization_required`, `invalid_request`,
 * `reconnect_in_progress`, `credentials_rejected`, `account_mismatch`, `provider_unavailable`, `busy`.
 */
export async function reconnect(request: Reconnect, ports: ReconnectPorts): Promise<Connection> {
  const found = await loadConnection(request, ports, request.expected);
  const provider = providerOf(found.connection, ports);
  const credentials = requireFields(provider, request.credentials);
  requireFutureDate(request.expiresAt, ports);
  const { connection, lease } = await acquireLease(request, found, ports);
  const verified = await verifyCandidate(request, { connection, provider, credentials, lease }, ports);
  try {
    await ports.putSecret(connection.id, lease.id, credentials);
    return await commitReconnect(request, lease, verified, ports);
  } catch (error) {
    // Should clearing up fail as well, the sweeper ends it once the mark's deadline is past.
    await Promise.allSettled([abandonReconnect(request, lease, ports)]);
    return outcomeOf(request, lease, error, ports);
  }
}

/**
 * What became of a reconnect whose commit failed: it may have taken effect with its answer lost.
 *
 * @throws `error` where it did not; DomainError `connection_not_found` where the connection was disconnected
 * meanwhile, which has taken its secret with it.
 */
async function outcomeOf(
  request: Reconnect,
  { id }: Lease,
  error: unknown,
  ports: ReconnectPorts,
): Promise<Connection> {
  const [found] = await Promise.allSettled([ports.findConnection(request.projectId, request.connectionId)]);
  if (found.status === 'rejected') throw error;
  if (!found.value) throw connectionNotFound();
  if (found.value.secretVersion !== id) throw error;
  return found.value.connection;
}

interface Marked {
  /** As it was when the mark was set; no other reconnect changes it while the mark stands. */
  readonly connection: Connection;
  readonly lease: Lease;
}

/** Claims the connection for this reconnect; what an earlier one left behind is settled first. */
function acquireLease(request: Reconnect, found: StoredConnection, ports: ReconnectPorts): Promise<Marked> {
  let known: StoredConnection | null = found;
  return untilCommitted(async () => {
    const before = known ?? (await loadConnection(request, ports, request.expected));
    known = null;
    if (before.lease && isLive(before.lease, ports)) {
      throw failure('reconnect_in_progress', 'Another reconnect of this connection is under way.');
    }
    if (before.lease) {
      await recoverReconnect(request, ports);
      return STALE;
    }
    const lease = newLease(ports);
    const outcome = await ports.commit({
      connections: [{ before, after: { ...before, lease: lease } }],
    });
    return outcome === 'committed' ? { connection: before.connection, lease } : STALE;
  }, ports);
}

interface Candidate {
  readonly connection: Connection;
  readonly provider: Provider;
  readonly credentials: Credentials;
  readonly lease: Lease;
}

async function verifyCandidate(
  request: Reconnect,
  { connection, provider, credentials, lease }: Candidate,
  ports: ReconnectPorts,
): Promise<Verified> {
  try {
    const verified = await verifyOrThrow(provider, { credentials, expiresAt: request.expiresAt }, ports);
    if (!request.allowAccountChange) requireSameAccount(connection, verified);
    return verified;
  } catch (error) {
    await recordFailure(request, { lease, actor: request.actor, error }, ports);
    throw error;
  }
}

function requireSameAccount({ account: current }: Connection, { account: candidate }: Verified): void {
  if (!current || !candidate || current.id === candidate.id) return;
  throw new DomainError(
    { code: 'account_mismatch', current: current.label, candidate: candidate.label },
    'These credentials belong to another account than before. Allow the change, or use the same account.',
  );
}

/** The commit point: from here on the new version serves. */
function commitReconnect(
  request: Reconnect,
  { id }: Lease,
  verified: Verified,
  ports: ReconnectPorts,
): Promise<Connection> {
  return untilCommitted(async () => {
    const before = await ports.findConnection(request.projectId, request.connectionId);
    if (!before) throw connectionNotFound();
    if (before.secretVersion === id) return before.connection;
    if (before.lease?.id !== id) {
      throw new DomainError(
        { code: 'busy', retryAfterSeconds: 1 },
        'The reconnect took too long; try again.',
      );
    }
    const at = timestamp(ports.clock.now());
    const connection = reconnected(before.connection, verified, at);
    const statusChange = await statusChanges(before.connection, connection, ports);
    // `reconnected` comes last, so that it is the newest entry.
    const changes = [...statusChange, reconnectedChange(before.connection, connection)];
    const history = historyEntries(connection, changes, { actor: request.actor, at }, ports);
    const { cadence } = providerOf(connection, ports);
    const reminder = reminderAfter(ports.clock.now(), connection.expiresAt);
    const served = { secretVersion: id, lease: null, cadence, reminder };
    const after = { ...before, ...served, connection };
    const outcome = await ports.commit({ connections: [{ before, after }], history });
    return outcome === 'committed' ? connection : STALE;
  }, ports);
}

function reconnectedChange({ account: from }: Connection, { account: to }: Connection): HistoryChange {
  if (!from || !to || from.id === to.id) return { type: 'reconnected' };
  return { type: 'reconnected', from: { account: from.label }, to: { account: to.label } };
}
