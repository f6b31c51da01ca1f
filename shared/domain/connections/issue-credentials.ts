import type { Provider } from '../../catalog/schema.ts';
import { Credentials } from '../credentials/credentials.ts';
import type { CredentialReader } from '../credentials/store.ts';
import { DomainError } from '../errors.ts';
import {
  type Connection,
  type ConnectionRef,
  type FindConnectionPort,
  loadConnection,
  type StoredConnection,
} from '../model/connection.ts';
import type { ProviderPort } from '../model/provider.ts';
import type { AuthType } from '../terms.ts';

/** Credentials that a flow's action can use now, with their connection. */
export interface IssuedCredentials {
  readonly connection: Connection;
  readonly authType: AuthType;
  readonly credentials: Credentials;
}

type IssuePorts = FindConnectionPort & ProviderPort & { readonly credentials: CredentialReader };

/** The fields that the engine receives, by auth type: never a refresh token or a client secret. */
const ISSUED_FIELDS: Readonly<Record<AuthType, (provider: Provider) => readonly string[]>> = {
  api_key: enteredFields,
  basic: enteredFields,
  custom: enteredFields,
  oauth2: () => ['accessToken', 'tokenType'],
};

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
  { credentials, catalog }: IssuePorts,
): Promise<IssuedCredentials> {
  const stored = await credentials.read({ connectionId: connection.id, version });
  const provider = catalog.get(connection.providerId);
  // Flows keep running when an operator removes a provider from the catalog: entered fields are all issuable.
  if (!provider) return { connection, authType: 'custom', credentials: stored };
  const { type: authType } = provider.auth;
  const names = ISSUED_FIELDS[authType](provider);
  const issued = Object.entries(stored.reveal()).filter(([name]) => names.includes(name));
  return { connection, authType, credentials: new Credentials(Object.fromEntries(issued)) };
}

function enteredFields({ auth }: Provider): readonly string[] {
  return auth.fields.map(({ name }) => name);
}
