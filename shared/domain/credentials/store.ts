import type { ConnectionRef, StoredConnection } from '../model/connection.ts';
import { CREDENTIAL_STORES, type CredentialStoreName } from '../terms.ts';
import type { Credentials } from './credentials.ts';

/** Identifies a connection's credentials in one store. */
export interface CredentialsRef extends ConnectionRef {
  readonly store: CredentialStoreName;
}

/** Identifies one immutable version of a connection's credentials. */
export interface CredentialsVersion extends CredentialsRef {
  readonly version: string;
}

/** Returns a version of a connection's credentials, in the store that keeps them: by default the one that serves. */
export function versionOf(
  { connection, credentialStore: store, credentialsVersion }: CredentialsPointer,
  version = credentialsVersion,
): CredentialsVersion {
  return { projectId: connection.projectId, connectionId: connection.id, store, version };
}

/** The part of a stored connection that says where its credentials are. */
type CredentialsPointer = Pick<StoredConnection, 'connection' | 'credentialStore' | 'credentialsVersion'>;

/** Reads credentials. Few functions may. */
export interface CredentialReader {
  /** Reads exactly this version. */
  read(version: CredentialsVersion): Promise<Credentials>;
  /** Reads exactly this version; undefined if it is gone, or scheduled for deletion. */
  readIfKept(version: CredentialsVersion): Promise<Credentials | undefined>;
}

/** Protects the version that serves from being pruned. */
export interface CredentialPromoter {
  /** Returns true if the version was put, whether or not it serves. */
  exists(version: CredentialsVersion): Promise<boolean>;
  /** Returns the version that the store keeps from being pruned; undefined for credentials that are gone. */
  promoted(credentials: CredentialsRef): Promise<string | undefined>;
  /**
   * Moves that protection to a committed version, if it still belongs to `from`. Returns false when it was moved by
   * others meanwhile; true when it was moved, also for credentials that are gone.
   */
  promote(version: CredentialsVersion, from: string): Promise<boolean>;
}

/** Writes credentials. Every call may be repeated with the same arguments. */
export interface CredentialWriter extends CredentialPromoter {
  /** The store of new connections. Existing ones stay in theirs until they are migrated. */
  readonly storeOfNew: CredentialStoreName;
  /**
   * Creates the credentials of a new connection with their first version, which needs no promotion. The provider's id is
   * what a bill can be allocated by.
   */
  create(version: CredentialsVersion, credentials: Credentials, providerId: string): Promise<void>;
  /** Adds a version. The connection's item alone decides which version serves. */
  put(version: CredentialsVersion, credentials: Credentials): Promise<void>;
  /** Seals a version that was read here again, if its data key is older than 90 days. */
  reseal(version: CredentialsVersion, credentials: Credentials): Promise<void>;
}

/** Removes credentials. The call may be repeated. */
export interface CredentialRemover {
  /** Schedules deletion after a recovery window of 7 days. Credentials that do not exist are no error. */
  retire(credentials: CredentialsRef): Promise<void>;
}

/**
 * Retires a connection's credentials in every store: an interrupted migration may have left a copy in the one that the
 * connection does not name.
 */
export async function retireEverywhere(ref: ConnectionRef, remover: CredentialRemover): Promise<void> {
  for (const store of CREDENTIAL_STORES) await remover.retire({ ...ref, store });
}

/** Brings retired credentials back, for operators. */
export interface CredentialRestorer {
  /** Ends a scheduled deletion. Returns false for credentials that are gone. */
  restore(credentials: CredentialsRef): Promise<boolean>;
}

/** Takes credentials over from another store, for migrations. */
export interface CredentialImporter {
  /**
   * Stores a version and promotes it, whatever the store still has of the connection: an older version, or one that is
   * scheduled for deletion. May be repeated.
   */
  import(version: CredentialsVersion, credentials: Credentials, providerId: string): Promise<void>;
}
