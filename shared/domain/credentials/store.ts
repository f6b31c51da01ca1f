import type { Credentials } from './credentials.ts';

/** Identifies one immutable version of a connection's credentials. */
export interface CredentialsVersion {
  readonly connectionId: string;
  readonly version: string;
}

/** Whose credentials a store keeps: what a bill can be allocated by. */
interface CredentialsOwner {
  readonly projectId: string;
  readonly providerId: string;
}

/** Reads credentials. Few functions may. */
export interface CredentialReader {
  /** Reads exactly this version. */
  read(version: CredentialsVersion): Promise<Credentials>;
  /** Reads exactly this version; undefined if it is gone, or scheduled for deletion. */
  readIfKept(version: CredentialsVersion): Promise<Credentials | undefined>;
}

/** Writes credentials without reading them. Every call may be repeated with the same arguments. */
export interface CredentialWriter {
  /** Returns true if the version was put, whether or not it serves. */
  exists(version: CredentialsVersion): Promise<boolean>;
  /** Creates the credentials of a new connection with their first version, which needs no promotion. */
  create(version: CredentialsVersion, credentials: Credentials, owner: CredentialsOwner): Promise<void>;
  /** Adds a version. The connection's item alone decides which version serves. */
  put(version: CredentialsVersion, credentials: Credentials): Promise<void>;
  /** Returns the version that the store keeps from being pruned; undefined for credentials that are gone. */
  promoted(connectionId: string): Promise<string | undefined>;
  /**
   * Moves that protection to a committed version, if it still belongs to `from`. Returns false when it was moved by
   * others meanwhile; true when it was moved, also for credentials that are gone.
   */
  promote(version: CredentialsVersion, from: string): Promise<boolean>;
}

/** Removes credentials. The call may be repeated. */
export interface CredentialRemover {
  /** Schedules deletion after a recovery window of 7 days. Credentials that do not exist are no error. */
  retire(connectionId: string): Promise<void>;
}
