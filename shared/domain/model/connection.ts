import { failure } from '../errors.ts';
import type { Page, PageRequest } from '../paging.ts';
import type { Cadence, CredentialStoreName, LeasePurpose, Status, StatusReason } from '../terms.ts';
import type { ExpiryReminder } from './expiry.ts';

/** The account at the provider that the credentials authenticate, as the provider names it. */
export interface Account {
  readonly id: string;
  readonly label: string;
}

/** The status with its reason: an inactive connection has one, an active connection has none. */
export type StatusWithReason =
  | { readonly status: 'active'; readonly statusReason: null }
  | { readonly status: 'inactive'; readonly statusReason: StatusReason };

/** A project's connection to one account at one provider. Times are RFC 3339 in UTC with milliseconds. */
export type Connection = StatusWithReason & {
  /** `con_` and a UUIDv7, so ids sort by age. */
  readonly id: string;
  readonly projectId: string;
  readonly providerId: string;
  readonly name: string;
  readonly statusSince: string;
  readonly account: Account | null;
  /** Number of flows that use it; flows, not steps. */
  readonly flowCount: number;
  readonly connectedAt: string;
  readonly reconnectedAt: string | null;
  readonly lastCheckedAt: string | null;
  readonly expiresAt: string | null;
  readonly createdBy: string;
  readonly updatedAt: string;
  /** Public version, the ETag. Grows by one with every change except a check that found nothing new. */
  readonly version: number;
};

/** A time-limited, exclusive right to change a connection's credentials. */
export interface Lease {
  /** Also the id of the credentials version that the holder writes. */
  readonly id: string;
  readonly purpose: LeasePurpose;
  readonly expiresAt: string;
}

/** A sealed access token, beside the connection that it belongs to. */
export interface SealedAccessToken {
  /** JWE of the token and the kept values; opened only with the connection's id and its credentials version. */
  readonly sealed: string;
  /** End of the token; null if it does not end. */
  readonly expiresAt: string | null;
  /** Time at which the provider issued it: also the last use of the refresh token. */
  readonly issuedAt: string;
}

/** A connection with everything that the table keeps about it. */
export interface StoredConnection {
  readonly connection: Connection;
  /** Number of commits to the item; the condition of the next commit. */
  readonly revision: number;
  /** The credentials version that serves. Readers ask for exactly this version. */
  readonly credentialsVersion: string;
  /** The store that keeps them. */
  readonly credentialStore: CredentialStoreName;
  /** True from the commit of a new version until the store has promoted it. */
  readonly promotionPending: boolean;
  readonly lease: Lease | null;
  /**
   * Id of a refresh whose result is unknown: the provider may have replaced the refresh token. Null once tokens were
   * issued since.
   */
  readonly interruptedRefresh: string | null;
  /** Set for an OAuth 2.0 connection whose access tokens end; null otherwise, and after a refresh was interrupted. */
  readonly accessToken: SealedAccessToken | null;
  /** The provider's cadence as of the last check or reconnect. */
  readonly cadence: Cadence;
  /** The next expiry reminder; null without a known end. */
  readonly reminder: ExpiryReminder | null;
}

/** The record of a creation under way, from which the sweeper finds what a crash left behind. */
export interface CreationIntent {
  readonly connectionId: string;
  readonly projectId: string;
  readonly expiresAt: string;
  /** Set by the sweeper before it cleans up; the creation can no longer be committed then. */
  readonly abandoned: boolean;
}

/** Identifies a connection within its project. */
export interface ConnectionRef {
  readonly projectId: string;
  readonly connectionId: string;
}

/** A connection to change, which the guard of a request may have read already. */
export interface ConnectionTarget extends ConnectionRef {
  /** The connection as it was just read. Default: it is read. */
  readonly found?: StoredConnection | undefined;
}

/** The versions that `If-Match` allows; null when the header was not sent. */
export type ExpectedVersions = readonly number[] | null;

/** Number of connections of a project, exact at every moment. */
export interface Counts {
  readonly all: number;
  readonly active: number;
  readonly inactive: number;
}

/** Filters, order and position of a connections list. */
export interface ConnectionQuery extends PageRequest {
  readonly projectId: string;
  readonly status?: Status;
  readonly providerId?: string;
  /** True: only active connections that expire within 14 days. */
  readonly expiring?: boolean;
  /** Part of the folded name. */
  readonly search?: string;
  /** Authorization of the request, which a search awaits after its first read. Default: done. */
  readonly authorized?: Promise<unknown>;
  readonly sort: 'connectedAt' | 'name';
  readonly order: 'asc' | 'desc';
}

/** Reads connections. */
export interface ConnectionReader {
  /** Reads strongly consistently: sees every commit that was answered. */
  find(ref: ConnectionRef): Promise<StoredConnection | undefined>;
  /** Costs the bytes of the page; a search may also read the project's names. */
  list(query: ConnectionQuery): Promise<Page<Connection>>;
  /** Returns the statuses of the connections that exist. */
  statuses(projectId: string, connectionIds: readonly string[]): Promise<ReadonlyMap<string, Status>>;
}

/** Ports of every operation that reads single connections. */
export interface FindConnectionPort {
  readonly connections: Pick<ConnectionReader, 'find'>;
}

/**
 * Reads a connection strongly consistently.
 *
 * @throws DomainError `connection_not_found`, also for a connection of another project; `version_conflict`.
 */
export async function loadConnection(
  ref: ConnectionRef,
  { connections }: FindConnectionPort,
  expected: ExpectedVersions = null,
): Promise<StoredConnection> {
  return requireConnection(await connections.find(ref), expected);
}

/**
 * Returns a function that reads a connection strongly consistently; its first call returns the connection that was found
 * already. Throws as `loadConnection` does.
 */
export function connectionLoader(
  { found, ...ref }: ConnectionTarget,
  { connections }: FindConnectionPort,
  expected: ExpectedVersions = null,
): () => Promise<StoredConnection> {
  let known = found;
  return async () => {
    const stored = known ?? (await connections.find(ref));
    known = undefined;
    return requireConnection(stored, expected);
  };
}

/**
 * Returns a connection that was read.
 *
 * @throws DomainError `connection_not_found`; `version_conflict`.
 */
export function requireConnection(
  stored: StoredConnection | undefined,
  expected: ExpectedVersions = null,
): StoredConnection {
  if (!stored) throw connectionNotFound();
  requireVersion(stored, expected);
  return stored;
}

/** @throws DomainError `version_conflict` when `If-Match` does not allow the current version. */
export function requireVersion({ connection }: StoredConnection, expected: ExpectedVersions): void {
  if (expected && !expected.includes(connection.version)) {
    throw failure('version_conflict', `The connection is at version ${connection.version} by now.`);
  }
}

/** Creates the error of a connection that the project does not have. */
export function connectionNotFound() {
  return failure('connection_not_found', 'The project has no such connection.');
}
