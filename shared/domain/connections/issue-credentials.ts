import type { Credentials } from '../credentials/credentials.ts';
import type { SecretReader } from '../credentials/secrets.ts';
import { DomainError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { type ConnectionRef, loadConnection } from './load.ts';
import type { ConnectionReader } from './reader.ts';

/** Credentials that a flow's action can use now, and the connection that they belong to. */
export interface Issued {
  readonly connection: Connection;
  readonly credentials: Credentials;
}

/**
 * Hands live credentials to the flow engine: those of the committed version, of an active connection alone.
 *
 * @throws DomainError `connection_not_found`; `connection_inactive` with the reason, the action must not run.
 */
export async function issueCredentials(
  ref: ConnectionRef,
  ports: Pick<ConnectionReader, 'findConnection'> & SecretReader,
): Promise<Issued> {
  const { connection, secretVersion } = await loadConnection(ref, ports);
  if (connection.status === 'inactive') {
    throw new DomainError(
      { code: 'connection_inactive', reason: connection.statusReason },
      'The connection is inactive. The action must not run until it is reconnected.',
    );
  }
  return { connection, credentials: await ports.readSecret(connection.id, secretVersion) };
}
