import { isDeepStrictEqual } from 'node:util';
import type { Provider } from '../../catalog/schema.ts';
import { MISCONFIGURED_WAIT_SECONDS } from '../credentials/accept.ts';
import { Credentials } from '../credentials/credentials.ts';
import { versionOf } from '../credentials/store.ts';
import type { Verification, VerifierPort } from '../credentials/verification.ts';
import { DomainError } from '../errors.ts';
import { type AccessNeed, type AccessPorts, ensureAccess } from '../issuing/access.ts';
import {
  type Connection,
  type ConnectionRef,
  type ConnectionTarget,
  connectionLoader,
  type FindConnectionPort,
  type StoredConnection,
} from '../model/connection.ts';
import { reminderAfter } from '../model/expiry.ts';
import type { FlowNamesPort } from '../model/flow.ts';
import { type Actor, historyEntries, SYSTEM } from '../model/history.ts';
import { type ProviderPort, requireProvider } from '../model/provider.ts';
import { confirmed, deactivated, statusChanges } from '../model/status.ts';
import type { CommitPort, UnitOfWork } from '../model/unit-of-work.ts';
import { addSeconds, DAY_SECONDS, timestamp } from '../operation-context.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import type { CheckOutcome, StatusReason } from '../terms.ts';
import type { LastCheck, LastCheckStore } from './ports.ts';
import { PERIOD_MINUTES } from './slots.ts';

/** Ports of every check, whoever asks for it. */
export type CheckPorts = FindConnectionPort &
  FlowNamesPort &
  CommitPort &
  VerifierPort &
  ProviderPort &
  AccessPorts & { readonly lastChecks: Pick<LastCheckStore, 'record'> };

export interface CheckNow extends ConnectionTarget {
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
  const load = connectionLoader(request, ports);
  return untilCommitted(async () => {
    const before = await load();
    const startedAt = ports.clock.now().getTime();
    const result = await runCheck(before, { actor: request.actor, recordsTime: true }, ports);
    if (result === STALE) return STALE;
    const { verification, at, change } = result;
    if (change && (await ports.unitOfWork.commit(change.unit)) === 'stale') return STALE;
    await ports.lastChecks.record(before.connection.id, at, lastCheckAfter(at, result));
    const check = { outcome: verification.outcome, at, durationMs: new Date(at).getTime() - startedAt };
    return { connection: change?.after ?? result.before, check };
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

/** Origin of a check. */
interface CheckOrigin {
  readonly actor: Actor;
  /** True: the connection's `lastCheckedAt` is written even if the check finds nothing else new. */
  readonly recordsTime: boolean;
}

/** The provider's verdict, and the change that follows from it; null when nothing is new. */
interface CheckResult {
  readonly verification: Verification;
  readonly at: string;
  /** The connection that was checked: with the new access token, if the check refreshed it. */
  readonly before: Connection;
  readonly change: { readonly after: Connection; readonly unit: UnitOfWork } | null;
}

/**
 * Verifies the serving credentials and decides what changes. Commits nothing but a refresh. `STALE` when the credentials
 * were removed, or replaced, after the connection was read.
 */
async function runCheck(
  found: StoredConnection,
  { actor, recordsTime }: CheckOrigin,
  ports: CheckPorts,
): Promise<CheckResult | typeof STALE> {
  const provider = requireProvider(found.connection, ports);
  const served = await verifyServing(found, provider, actor, ports);
  if (served === STALE) return STALE;
  const { verification, stored: before } = served;
  const { connection } = before;
  const now = ports.clock.now();
  const at = timestamp(now);
  const checked = applyVerification(connection, verification, at);
  const { cadence } = provider;
  const isNew = checked !== connection || cadence !== before.cadence;
  if (!isNew && !(recordsTime && isConclusive(verification))) {
    return { verification, at, before: connection, change: null };
  }
  const after = { ...checked, ...(isConclusive(verification) && { lastCheckedAt: at }) };
  // A due reminder stays due, unless the end or the status changed.
  const isNewEnd = after.expiresAt !== connection.expiresAt || after.status !== connection.status;
  const reminder = isNewEnd ? reminderAfter(now, after.expiresAt) : before.reminder;
  const changes = await statusChanges(connection, after, ports);
  const unit = {
    connections: [{ before, after: { ...before, connection: after, cadence, reminder } }],
    history: historyEntries(after, changes, actor, ports),
  };
  return { verification, at, before: connection, change: { after, unit } };
}

/** Beyond the next check, for it to be made. */
const MARGIN_MINUTES = 5;

/** A verdict, with the connection as it is stored after it. */
interface Served {
  readonly verification: Verification;
  readonly stored: StoredConnection;
}

async function verifyServing(
  stored: StoredConnection,
  provider: Provider,
  actor: Actor,
  ports: CheckPorts,
): Promise<Served | typeof STALE> {
  if (provider.oauth2) return verifyAccess(stored, provider, actor, ports);
  const credentials = await readServing(stored, ports);
  if (credentials === STALE) return STALE;
  await ports.credentials.reseal(versionOf(stored), credentials);
  const verify = () => ports.verifier.verify(provider, credentials);
  return { verification: await verifyConfirmingRejection(verify), stored };
}

/** @throws Error when the version that still serves cannot be read. */
async function readServing(stored: StoredConnection, ports: CheckPorts): Promise<Credentials | typeof STALE> {
  const version = versionOf(stored);
  try {
    return await ports.credentials.read(version);
  } catch (error) {
    const current = await ports.connections.find(version);
    if (current && isDeepStrictEqual(versionOf(current), version)) throw error;
    return STALE;
  }
}

/**
 * Verifies an OAuth 2.0 connection with an access token that is refreshed ahead of its end. A rejection is confirmed with a
 * newly issued token: a provider that accepts neither that one nor the refresh token has ended the grant.
 */
async function verifyAccess(
  found: StoredConnection,
  provider: Provider,
  actor: Actor,
  ports: CheckPorts,
): Promise<Served | typeof STALE> {
  const { projectId, id: connectionId } = found.connection;
  let need: AccessNeed = { ...needOfCheck(found, provider, ports.clock.now()), actor };
  let isUnchanged = true;
  let probed: string | undefined;
  const verification = await verifyConfirmingRejection(async () => {
    const access = await accessOrUnavailable(found, provider, need, ports);
    probed = access.outcome === 'ok' ? access.sealed : undefined;
    // A refresh that obtained no token has written the connection as well.
    if (access.outcome !== 'ok' || probed !== found.accessToken?.sealed) isUnchanged = false;
    if (access.outcome !== 'ok') return access;
    need = { actor, minValiditySeconds: 0, refused: probed };
    return ports.verifier.verify(provider, new Credentials({ ...access.values }));
  });
  if (isUnchanged) return { verification, stored: found };
  const stored = await ports.connections.find({ projectId, connectionId });
  return stored && isAbout(stored, { found, probed, verification }) ? { verification, stored } : STALE;
}

/** Returns true if a verdict is about what a connection stores by now: nobody reconnected it meanwhile. */
function isAbout(stored: StoredConnection, { found, probed, verification }: Verdict): boolean {
  if (!isConclusive(verification)) return true;
  if (probed !== undefined) return stored.accessToken?.sealed === probed;
  // The refresh token was refused, which the refresh committed; or the token is one that nothing renews.
  return stored.connection.status === 'inactive' || stored.credentialsVersion === found.credentialsVersion;
}

interface Verdict {
  readonly found: StoredConnection;
  /** The sealed access token of the last probe. */
  readonly probed: string | undefined;
  readonly verification: Verification;
}

/** A provider whose OAuth client was removed is unavailable: that says nothing about the credentials. */
async function accessOrUnavailable(...[stored, provider, need, ports]: Parameters<typeof ensureAccess>) {
  try {
    const access = await ensureAccess(stored, provider, need, ports);
    return access.outcome === 'unavailable' ? { ...access, cause: 'server_error' as const } : access;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'provider_not_configured') throw error;
    const retryAfterSeconds = MISCONFIGURED_WAIT_SECONDS;
    return { outcome: 'unavailable', cause: 'not_configured', retryAfterSeconds } as const;
  }
}

/**
 * Returns what a scheduled check needs of an access token: to last until after the next check, so that the engine seldom
 * waits for a refresh. Never more than half of the token's life; and a new one where the refresh token would die unused.
 */
function needOfCheck(
  { accessToken, cadence }: StoredConnection,
  { oauth2 }: Provider,
  now: Date,
): AccessNeed {
  const untilNext = (PERIOD_MINUTES[cadence] + MARGIN_MINUTES) * 60;
  if (!accessToken) return { minValiditySeconds: untilNext };
  const { issuedAt, expiresAt, sealed } = accessToken;
  const issued = Date.parse(issuedAt);
  const lifeSeconds = expiresAt === null ? 0 : (Date.parse(expiresAt) - issued) / 1000;
  const unusedSeconds = (oauth2?.refresh?.unusedDays ?? Number.POSITIVE_INFINITY) * DAY_SECONDS;
  const isUnused = now.getTime() - issued > (unusedSeconds / 2) * 1000;
  return {
    minValiditySeconds: Math.min(untilNext, lifeSeconds / 2),
    ...(isUnused && { refused: sealed }),
  };
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
