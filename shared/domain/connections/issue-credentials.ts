import type { Credentials } from '../credentials/credentials.ts';
import type { SecretReader } from '../credentials/secrets.ts';
import { DomainError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { type ConnectionRef, loadConnection } from './load.ts';
import type { ConnectionReader } from './reader.ts';
import type { StoredConnection } from './stored.ts';

/** Credentials that a flow's action can use now, and the connection that they belong to. */
export interface Issued {
  readonly connection: Connection;
  readonly credentials: Credentials;
}

type IssuePorts = Pick<ConnectionReader, 'findConnection'> & SecretReader;

/**
 * Hands live credentials to the flow engine: those of the committed version, of an active connection alone.
 *
 * @throws DomainError `connection_not_found`; `connection_inactive` with the reason, the action must not run.
 */
export async function issueCredentials(ref: ConnectionRef, ports: IssuePorts): Promise<Issued> {
  const stored = await loadActive(ref, ports);
  try {
    return await issue(stored, ports);
  } catch (error) {
    // A disconnect, or reconnects, that came in between took the secret or its version away.
    const standing = await loadActive(ref, ports);
    if (standing.secretVersion === stored.secretVersion) throw error;
    return issue(standing, ports);
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

async function issue({ connection, secretVersion }: StoredConnection, ports: IssuePorts): Promise<Issued> {
  return { connection, credentials: await ports.readSecret(connection.id, secretVersion) };
}
