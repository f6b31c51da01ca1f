import type { Provider } from '../../catalog/schema.ts';
import { type AcquiredLease, tryAcquireLease } from '../connections/lease.ts';
import { versionOf } from '../credentials/store.ts';
import { type AccessValues, isAuthorized, openAccessToken, requireOAuth2 } from '../credentials/tokens.ts';
import { connectionNotFound, type StoredConnection } from '../model/connection.ts';
import type { Actor } from '../model/history.ts';
import { addSeconds, timestamp } from '../operation-context.ts';
import { untilCommitted } from '../optimistic.ts';
import type { StatusReason } from '../terms.ts';
import { type RefreshPorts, refOf, refresh } from './refresh.ts';

export type AccessPorts = RefreshPorts;

/** Demands of a caller on an access token. */
export interface AccessNeed {
  readonly minValiditySeconds: number;
  /** A sealed token that will not do, because the provider refused it: only another one counts. */
  readonly refused?: string | undefined;
  /** Whom the history names if the provider ended the grant. Default: the system. */
  readonly actor?: Actor | undefined;
}

/** Access values; or why there are none. */
export type Access =
  | {
      readonly outcome: 'ok';
      readonly values: AccessValues;
      readonly expiresAt: string | null;
      /** The sealed token; undefined for one that only the credential store keeps. */
      readonly sealed?: string | undefined;
    }
  | { readonly outcome: 'rejected'; readonly reason: StatusReason }
  | { readonly outcome: 'unavailable'; readonly retryAfterSeconds: number };

/** With the backoff between them about 10 s: a caller waits that long for another's refresh. */
const REFRESH_WAIT_ATTEMPTS = 24;

/**
 * Returns access values of an OAuth 2.0 connection that last for the time needed, where the provider allows it. A valid
 * token costs no write and no call of the credential store. Otherwise one caller refreshes under the lease, and the others
 * wait for it; they use a token that is valid at all meanwhile. A token that cannot be renewed is returned as it is.
 *
 * @throws DomainError `provider_not_configured`; `connection_not_found`; `busy` when a refresh by others takes too long.
 */
export async function ensureAccess(
  stored: StoredConnection,
  provider: Provider,
  need: AccessNeed,
  ports: AccessPorts,
): Promise<Access> {
  const current = await openAccess(stored, need, ports);
  if (current) return current;
  if (isAuthorized(provider) && !requireOAuth2(provider).refresh) return storedAccess(stored, ports);
  const started = await acquireOrFinished(stored, need, ports);
  if ('outcome' in started) return started;
  const refreshed = await refresh(started, provider, need.actor, ports);
  switch (refreshed.outcome) {
    case 'not_renewable':
      return storedAccess(started.stored, ports);
    case 'superseded': {
      const newer = await ports.connections.find(refOf(stored.connection));
      if (!newer) throw connectionNotFound();
      return ensureAccess(newer, provider, need, ports);
    }
    case 'unavailable': {
      const remaining = await openAccess(started.stored, { ...need, minValiditySeconds: 0 }, ports);
      return remaining ?? refreshed;
    }
    default:
      return refreshed;
  }
}

/** Returns the sealed access values if they will do. */
async function openAccess(
  stored: StoredConnection,
  { minValiditySeconds, refused }: AccessNeed,
  ports: AccessPorts,
): Promise<Access | null> {
  const { accessToken } = stored;
  if (!accessToken || accessToken.sealed === refused) return null;
  const { sealed, expiresAt } = accessToken;
  const neededUntil = timestamp(addSeconds(ports.clock.now(), minValiditySeconds));
  if (expiresAt !== null && expiresAt <= neededUntil) return null;
  const values = await openAccessToken(accessToken, versionOf(stored), ports);
  return values ? { outcome: 'ok', values, expiresAt, sealed } : null;
}

/** Returns the access values of a grant that cannot be renewed, from the credential store. */
async function storedAccess(stored: StoredConnection, { credentials }: AccessPorts): Promise<Access> {
  const fields = (await credentials.read(versionOf(stored))).reveal();
  const { accessToken, tokenType = 'Bearer', ...kept } = fields;
  if (accessToken === undefined) return { outcome: 'rejected', reason: 'access_revoked' };
  const expiresAt = stored.accessToken?.expiresAt ?? null;
  return { outcome: 'ok', values: { ...kept, accessToken, tokenType }, expiresAt };
}

/** Acquires the refresh lease; or returns what another caller obtained first. */
function acquireOrFinished(
  found: StoredConnection,
  need: AccessNeed,
  ports: AccessPorts,
): Promise<AcquiredLease | Access> {
  let known: StoredConnection | undefined = found;
  return untilCommitted<AcquiredLease | Access>(
    async () => {
      const stored = known ?? (await ports.connections.find(refOf(found.connection)));
      known = undefined;
      if (!stored) throw connectionNotFound();
      // While another caller refreshes, a token that is valid at all will do.
      const current = await openAccess(
        stored,
        stored.lease ? { ...need, minValiditySeconds: 0 } : need,
        ports,
      );
      return current ?? tryAcquireLease({ purpose: 'refresh' }, stored, ports);
    },
    ports,
    REFRESH_WAIT_ATTEMPTS,
  );
}
