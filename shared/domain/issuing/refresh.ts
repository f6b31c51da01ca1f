import type { Provider } from '../../catalog/schema.ts';
import {
  type AcquiredLease,
  type PromotePorts,
  promoteServing,
  type ReleaseOptions,
  releaseLease,
  rollForward,
} from '../connections/lease.ts';
import { MISCONFIGURED_WAIT_SECONDS } from '../credentials/accept.ts';
import type { Credentials } from '../credentials/credentials.ts';
import type { OAuthParty, OAuthPorts, TokenSet } from '../credentials/oauth.ts';
import {
  type CredentialReader,
  type CredentialsVersion,
  type CredentialWriter,
  versionOf,
} from '../credentials/store.ts';
import {
  type AccessValues,
  grantEnd,
  isAuthorized,
  requireOAuth2,
  requireParty,
  sealAccessToken,
  toAccessValues,
  toStoredCredentials,
} from '../credentials/tokens.ts';
import type { Connection, ConnectionRef, SealedAccessToken, StoredConnection } from '../model/connection.ts';
import { reminderAfter } from '../model/expiry.ts';
import type { FlowNamesPort } from '../model/flow.ts';
import { type Actor, historyEntries, SYSTEM } from '../model/history.ts';
import { deactivated, statusChanges, withEnd } from '../model/status.ts';
import { timestamp } from '../operation-context.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import type { StatusReason } from '../terms.ts';

export type RefreshPorts = OAuthPorts &
  FlowNamesPort &
  PromotePorts & {
    readonly credentials: CredentialReader & Pick<CredentialWriter, 'exists' | 'put' | 'reseal'>;
  };

/** Result of a refresh. */
export type Refreshed =
  | {
      readonly outcome: 'ok';
      readonly values: AccessValues;
      readonly expiresAt: string | null;
      readonly sealed: string;
    }
  | { readonly outcome: 'rejected'; readonly reason: StatusReason }
  | { readonly outcome: 'unavailable'; readonly retryAfterSeconds: number }
  /** Other credentials serve by now. */
  | { readonly outcome: 'superseded' }
  /** The provider issued no refresh token. */
  | { readonly outcome: 'not_renewable' };

/** Attempts to store a rotated refresh token, which nobody else knows any more. */
const PUT_ATTEMPTS = 5;

/**
 * Obtains new tokens under the lease, and stores what the provider replaced before anything else. A failure after the
 * provider responded leaves the lease: whoever comes next finds by its id a version that was put.
 *
 * @param actor whom the history names if the provider ended the grant. Default: the system.
 * @throws DomainError `provider_not_configured`.
 */
export async function refresh(
  acquired: AcquiredLease,
  provider: Provider,
  actor: Actor = SYSTEM,
  ports: RefreshPorts,
): Promise<Refreshed> {
  const { lease, stored } = acquired;
  const release = (options: ReleaseOptions = {}) =>
    Promise.allSettled([releaseLease(refOf(stored.connection), lease, options, ports)]);
  let party: OAuthParty;
  try {
    party = await partyOf(stored, provider, ports);
  } catch (error) {
    await release();
    throw error;
  }
  if (isAuthorized(provider) && party.fields.refreshToken === undefined) {
    await release();
    return { outcome: 'not_renewable' };
  }
  const result = await ports.oauthProvider.renew(party);
  if (result.outcome === 'ok') return commitTokens(acquired, party, result.tokens, ports);
  const isInterrupted = result.isResponseLost === true;
  if (result.outcome === 'rejected') {
    return reject(acquired, { rotates: rotates(provider), isInterrupted, actor }, ports);
  }
  await release({ isInterrupted });
  const isDown = result.outcome === 'unavailable';
  return {
    outcome: 'unavailable',
    retryAfterSeconds: isDown ? result.retryAfterSeconds : MISCONFIGURED_WAIT_SECONDS,
  };
}

function rotates(provider: Provider): boolean {
  return requireOAuth2(provider).refresh?.rotation === 'each';
}

async function partyOf(
  stored: StoredConnection,
  provider: Provider,
  ports: RefreshPorts,
): Promise<OAuthParty> {
  if (stored.promotionPending) await promoteServing(refOf(stored.connection), ports);
  const credentials = await ports.credentials.read(versionOf(stored));
  await ports.credentials.reseal(versionOf(stored), credentials);
  return requireParty(provider, credentials.reveal(), ports);
}

/**
 * Stores refreshed tokens: a rotated refresh token durably first, then one commit of pointer, access token and lease. A
 * crash in between leaves the lease, by which the next holder finds the version and rolls it forward.
 */
async function commitTokens(
  { lease, stored }: AcquiredLease,
  { provider, fields }: OAuthParty,
  issued: TokenSet,
  ports: RefreshPorts,
): Promise<Refreshed> {
  const { connection, credentialsVersion: predecessor } = stored;
  const ref = refOf(connection);
  const refreshToken = issued.refreshToken ?? fields.refreshToken;
  const tokens = { ...issued, refreshToken, kept: { ...keptOf(fields, provider), ...issued.kept } };
  const isRotated = refreshToken !== fields.refreshToken;
  const owner = versionOf(stored, isRotated ? lease.id : predecessor);
  if (isRotated) await putDurably(owner, toStoredCredentials(provider, tokens, fields), ports);
  const accessToken = await sealAccessToken({ provider, tokens, fields }, owner, ports);
  const end = isRotated ? grantEnd(provider, tokens, ports.clock.now()) : undefined;
  await untilCommitted(async () => {
    const before = await ports.connections.find(ref);
    if (!before) return;
    const isOurs = before.lease?.id === lease.id;
    const isMoved = before.credentialsVersion !== predecessor;
    // After the lease expired, the tokens are stored all the same unless other credentials serve: nobody else has them.
    if (isMoved && !isOurs) return;
    const released = { ...before, lease: isOurs ? null : before.lease };
    const isCurrent = isRotated || !isMoved;
    const after = isCurrent
      ? { ...withTokens(released, { accessToken, end, isRotated }, ports), credentialsVersion: owner.version }
      : released;
    const outcome = await ports.unitOfWork.commit({ connections: [{ before, after }] });
    return outcome === 'committed' ? undefined : STALE;
  }, ports);
  if (isRotated) await Promise.allSettled([promoteServing(ref, ports)]);
  const { sealed, expiresAt } = accessToken;
  return { outcome: 'ok', values: toAccessValues(provider, tokens, fields), expiresAt, sealed };
}

interface StoredTokens {
  readonly accessToken: SealedAccessToken;
  /** The end of a new refresh token. */
  readonly end: string | null | undefined;
  readonly isRotated: boolean;
}

function withTokens(
  before: StoredConnection,
  { accessToken, end = before.connection.expiresAt, isRotated }: StoredTokens,
  { clock }: Pick<RefreshPorts, 'clock'>,
): StoredConnection {
  const now = clock.now();
  const connection = withEnd(before.connection, end, timestamp(now));
  const isSame = connection === before.connection;
  return {
    ...before,
    connection,
    reminder: isSame ? before.reminder : reminderAfter(now, connection.expiresAt),
    promotionPending: isRotated || before.promotionPending,
    interruptedRefresh: null,
    accessToken,
  };
}

/** Puts a version that must not be lost: a failing store is tried again, as long as this process lives. */
async function putDurably(
  version: CredentialsVersion,
  credentials: Credentials,
  ports: RefreshPorts,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await ports.credentials.put(version, credentials);
      return;
    } catch (error) {
      if (attempt === PUT_ATTEMPTS) throw error;
      await ports.backoff(attempt);
    }
  }
}

function keptOf(fields: OAuthParty['fields'], { oauth2 }: Provider): Record<string, string> {
  const names = Object.keys(oauth2?.keep ?? {});
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}

interface Refusal {
  /** True for a provider that replaces refresh tokens. */
  readonly rotates: boolean;
  /** True where the response to an earlier attempt was lost. */
  readonly isInterrupted: boolean;
  readonly actor: Actor;
}

/**
 * Handles a refused refresh token. It is believed only for the version that still serves: an interrupted refresh may have
 * replaced the token, and a version that it put meanwhile is rolled forward instead.
 */
function reject(
  { lease, stored }: AcquiredLease,
  { rotates, isInterrupted, actor }: Refusal,
  ports: RefreshPorts,
): Promise<Refreshed> {
  const ref = refOf(stored.connection);
  const sent = stored.credentialsVersion;
  return untilCommitted<Refreshed>(async () => {
    const before = await ports.connections.find(ref);
    if (before?.lease?.id !== lease.id) return { outcome: 'superseded' };
    const released = { ...before, lease: null };
    const commit = async (unit: Parameters<typeof ports.unitOfWork.commit>[0], result: Refreshed) =>
      (await ports.unitOfWork.commit(unit)) === 'committed' ? result : STALE;
    if (before.credentialsVersion !== sent) {
      return commit({ connections: [{ before, after: released }] }, { outcome: 'superseded' });
    }
    const version = before.interruptedRefresh;
    if (version !== null && (await ports.credentials.exists(versionOf(before, version)))) {
      const after = rollForward(released, version);
      return commit({ connections: [{ before, after }] }, { outcome: 'superseded' });
    }
    const now = timestamp(ports.clock.now());
    const reason = endOf(before.connection, now);
    const changed = deactivated(before.connection, reason, now);
    const changes = await statusChanges(before.connection, changed, ports);
    const mayBeReplaced = rotates && (isInterrupted || version !== null);
    const recorded = mayBeReplaced
      ? changes.map((change) => ({ ...change, reason: 'refresh_interrupted' as const }))
      : changes;
    const unit = {
      connections: [{ before, after: { ...released, connection: changed, accessToken: null } }],
      history: historyEntries(changed, recorded, actor, ports),
    };
    return commit(unit, { outcome: 'rejected', reason });
  }, ports);
}

function endOf({ expiresAt }: Connection, now: string): StatusReason {
  return expiresAt !== null && expiresAt <= now ? 'credentials_expired' : 'access_revoked';
}

/** Identifies a connection. */
export function refOf({ projectId, id: connectionId }: Connection): ConnectionRef {
  return { projectId, connectionId };
}
