import type { Credentials } from './credentials.ts';

/** Reads secrets; few functions may. */
export interface SecretReader {
  /** Exactly that version of the connection's secret. */
  readSecret(connectionId: string, version: string): Promise<Credentials>;
}

/** Writes secrets without being able to read them. Every call may be repeated with the same arguments. */
export interface SecretWriter {
  /** Makes the secret of a new connection with its first version. */
  createSecret(connectionId: string, version: string, credentials: Credentials): Promise<void>;
  /** Adds a version; which one serves is decided by the connection's item alone. */
  putSecret(connectionId: string, version: string, credentials: Credentials): Promise<void>;
  /**
   * Puts the label that keeps a version from being pruned back on the version that serves. A connection
   * that has no secret is left alone.
   */
  labelServing(connectionId: string, version: string): Promise<void>;
}

/** Takes secrets out of service. The call may be repeated. */
export interface SecretRemover {
  /** Schedules deletion with a recovery window of 7 days; a secret that is not there is no error. */
  retireSecret(connectionId: string): Promise<void>;
}
