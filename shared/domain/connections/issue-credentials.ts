import type { Credentials } from '../credentials/credentials.ts';
import type { CredentialReader } from '../credentials/store.ts';
import { DomainError } from '../errors.ts';
import {
  type Connection,
  type ConnectionRef,
  type FindConnectionPort,
  loadConnection,
  type StoredConnection,
} from '../model/connection.ts';

/** Credentials that a flow's action can use now, with their connection. */
export interface IssuedCredentials {
  readonly connection: Connection;
  readonly credentials: Credentials;
}

type IssuePorts = FindConnectionPort & { readonly credentials: CredentialReader };

/**
 * Issues the credentials of an active connection to the flow engine: those of the committed version.
 *
 * @throws DomainError `connection_not_found`; `connection_inactive` with the reason: the action must not run.
 */
export async function issueCredentials(ref: ConnectionRef, ports: IssuePorts): Promise<IssuedCredentials> {
  const stored = await loadActive(ref, ports);
  try {
    return await readCredentials(stored, ports);
  } catch (error) {
    // A disconnect, or several reconnects, removed the version after the connection was read.
    const currentRecord = await loadActive(ref, ports);
    if (currentRecord.secretVersion === stored.secretVersion) throw error;
    return readCredentials(currentRecord, ports);
  }
}

async function loadActive(ref: ConnectionRef, ports: IssuePorts): Promise<StoredConnection> {
  const stored = await loadConnection(ref, ports);
  const { status, statusReason: reason } = stored.connection;
  if (status === 'active') return stored;
  throw new DomainError(
    { code: 'connection_inactive', reason },
    'The connection is inactive. The action must not run until it is reconnected.',
  );
}

async function readCredentials(
  { connection, secretVersion: version }: StoredConnection,
  { credentials }: IssuePorts,
): Promise<IssuedCredentials> {
  return { connection, credentials: await credentials.read({ connectionId: connection.id, version }) };
}
