import type { Credentials } from '../credentials/credentials.ts';
import type { CredentialReader } from '../credentials/store.ts';
import type { Verification, VerifierPort } from '../credentials/verification.ts';
import {
  type Connection,
  type ConnectionRef,
  type FindConnectionPort,
  loadConnection,
  type StoredConnection,
} from '../model/connection.ts';
import { reminderAfter } from '../model/expiry.ts';
import type { FlowNamesPort } from '../model/flow.ts';
import { type Actor, historyEntries, SYSTEM } from '../model/history.ts';
import { type ProviderPort, requireProvider } from '../model/provider.ts';
import { confirmed, deactivated, statusChanges } from '../model/status.ts';
import type { CommitPort, UnitOfWork } from '../model/unit-of-work.ts';
import { addSeconds, type OperationContext, timestamp } from '../operation-context.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import type { CheckOutcome, StatusReason } from '../terms.ts';
import type { LastCheck, LastCheckStore } from './ports.ts';

/** Ports of every check, whoever asks for it. */
export type CheckPorts = FindConnectionPort &
  FlowNamesPort &
  CommitPort &
  VerifierPort &
  ProviderPort &
  OperationContext & {
    readonly credentials: CredentialReader;
    readonly lastChecks: Pick<LastCheckStore, 'record'>;
  };

export interface CheckNow extends ConnectionRef {
  /** The user that the history names if the status changes. */
  readonly actor: Actor;
}

/** A check on demand, and the connection afterwards. */
export interface CheckedConnection {
  readonly connection: Connection;
  readonly check: {
    readonly outcome: CheckOutcome;
    readonly at: string;
    /** The provider's response time. */
    readonly durationMs: number;
  };
}

/**
 * Checks a connection with its provider on demand. Only the provider changes the status: by a rejection, confirmed by a
 * second call, or by an acceptance. A connection that changes meanwhile is checked again.
 *
 * @throws DomainError `connection_not_found`, `provider_not_found`, `busy`.
 */
export function checkConnection(request: CheckNow, ports: CheckPorts): Promise<CheckedConnection> {
  return untilCommitted(async () => {
    const before = await loadConnection(request, ports);
    const startedAt = ports.clock.now().getTime();
    const result = await runCheck(before, { actor: request.actor, recordsTime: true }, ports);
    if (result === STALE) return STALE;
    const { verification, at, change } = result;
    if (change && (await ports.unitOfWork.commit(change.unit)) === 'stale') return STALE;
    await ports.lastChecks.record(before.connection.id, at, lastCheckAfter(at, result));
    const check = { outcome: verification.outcome, at, durationMs: new Date(at).getTime() - startedAt };
    return { connection: change?.after ?? before.connection, check };
  }, ports);
}

/**
 * Checks a connection for a scheduled time. A check that finds nothing new costs one small write.
 *
 * @returns the provider's verdict; null for a connection that no longer exists, or whose provider the catalog no longer
 * has.
 * @throws DomainError `busy`.
 */
export function checkScheduled(
  ref: ConnectionRef,
  scheduledFor: string,
  ports: CheckPorts,
): Promise<Verification | null> {
  return untilCommitted(async () => {
    const before = await ports.connections.find(ref);
    if (!before || !ports.catalog.get(before.connection.providerId)) return null;
    const result = await runCheck(before, { actor: SYSTEM, recordsTime: false }, ports);
    if (result === STALE) return STALE;
    if (result.change && (await ports.unitOfWork.commit(result.change.unit)) === 'stale') return STALE;
    await ports.lastChecks.record(ref.connectionId, scheduledFor, lastCheckAfter(scheduledFor, result));
    return result.verification;
  }, ports);
}

/** Who asked for a check. */
interface CheckOrigin {
  readonly actor: Actor;
  /** True: the connection's `lastCheckedAt` is written even if the check finds nothing else new. */
  readonly recordsTime: boolean;
}

/** The provider's verdict, and the change that follows from it; null when nothing is new. */
interface CheckResult {
  readonly verification: Verification;
  readonly at: string;
  readonly change: { readonly after: Connection; readonly unit: UnitOfWork } | null;
}

/**
 * Verifies the serving credentials and decides what changes. Commits nothing. `STALE` when the credentials were removed,
 * or replaced, after the connection was read.
 */
async function runCheck(
  before: StoredConnection,
  { actor, recordsTime }: CheckOrigin,
  ports: CheckPorts,
): Promise<CheckResult | typeof STALE> {
  const { connection } = before;
  const credentials = await readServing(before, ports);
  if (credentials === STALE) return STALE;
  const provider = requireProvider(connection, ports);
  const verification = await verifyConfirmingRejection(() => ports.verifier.verify(provider, credentials));
  const now = ports.clock.now();
  const at = timestamp(now);
  const checked = applyVerification(connection, verification, at);
  const { cadence } = provider;
  const isNew = checked !== connection || cadence !== before.cadence;
  if (!isNew && !(recordsTime && isConclusive(verification))) return { verification, at, change: null };
  const after = { ...checked, ...(isConclusive(verification) && { lastCheckedAt: at }) };
  // A due reminder stays due, unless the end or the status changed.
  const isNewEnd = after.expiresAt !== connection.expiresAt || after.status !== connection.status;
  const reminder = isNewEnd ? reminderAfter(now, after.expiresAt) : before.reminder;
  const changes = await statusChanges(connection, after, ports);
  const unit = {
    connections: [{ before, after: { ...before, connection: after, cadence, reminder } }],
    history: historyEntries(after, changes, actor, ports),
  };
  return { verification, at, change: { after, unit } };
}

/** @throws Error when the version that still serves cannot be read. */
async function readServing(
  { connection, secretVersion: version }: StoredConnection,
  ports: CheckPorts,
): Promise<Credentials | typeof STALE> {
  const { projectId, id: connectionId } = connection;
  try {
    return await ports.credentials.read({ connectionId, version });
  } catch (error) {
    const current = await ports.connections.find({ projectId, connectionId });
    if (current?.secretVersion === version) throw error;
    return STALE;
  }
}

/** Verifies, and repeats the call after a rejection: a single one may come from a provider in the middle of a failure. */
async function verifyConfirmingRejection(verify: () => Promise<Verification>): Promise<Verification> {
  const first = await verify();
  return first.outcome === 'rejected' ? verify() : first;
}

/**
 * Applies a verdict to a connection. Only a rejection or an acceptance changes it; without a verdict, or with nothing new
 * in it, the result is the same object.
 */
export function applyVerification(
  connection: Connection,
  verification: Verification,
  at: string,
): Connection {
  if (verification.outcome === 'rejected') {
    return deactivated(connection, reasonFor(connection, verification.reason, at), at);
  }
  if (verification.outcome === 'ok') return confirmed(connection, verification.expiresAt, at);
  return connection;
}

/** Few providers distinguish expired credentials from revoked ones; a known end that is past decides. */
function reasonFor({ expiresAt }: Connection, reason: StatusReason, at: string): StatusReason {
  const isOver = expiresAt !== null && expiresAt <= at;
  return isOver && reason === 'access_revoked' ? 'credentials_expired' : reason;
}

/** Returns true if the provider's response says something about the credentials. */
function isConclusive({ outcome }: Verification): boolean {
  return outcome === 'ok' || outcome === 'rejected';
}

/** Returns what to record of a check. A rate-limited check is not completed: it is made again after `retryAt`. */
function lastCheckAfter(
  scheduledFor: string,
  { verification, at }: Pick<CheckResult, 'verification' | 'at'>,
): LastCheck {
  const { outcome } = verification;
  if (outcome === 'rate_limited') {
    return { at, outcome, retryAt: timestamp(addSeconds(new Date(at), verification.retryAfterSeconds)) };
  }
  return { scheduledFor, at, outcome, ...(isConclusive(verification) && { respondedAt: at }) };
}

/** Returns whether the check for a scheduled time is completed and, if not, the seconds until the provider allows it. */
export function checkProgress(
  lastCheck: LastCheck | undefined,
  scheduledFor: string,
  now: Date,
): { readonly isCompleted: boolean; readonly waitSeconds: number } {
  const { scheduledFor: completed = '', retryAt } = lastCheck ?? {};
  const waitMs = retryAt === undefined ? 0 : new Date(retryAt).getTime() - now.getTime();
  return { isCompleted: completed >= scheduledFor, waitSeconds: Math.max(0, Math.ceil(waitMs / 1000)) };
}
