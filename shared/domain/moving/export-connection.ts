import { Credentials } from '../credentials/credentials.ts';
import type { OAuthClientReader } from '../credentials/oauth.ts';
import type { Sealer } from '../credentials/sealer.ts';
import { type CredentialReader, versionOf } from '../credentials/store.ts';
import { isAuthorized, openAccessToken } from '../credentials/tokens.ts';
import type { Connection, ConnectionRef, FindConnectionPort, StoredConnection } from '../model/connection.ts';
import type { FlowReader } from '../model/flow.ts';
import type { ProviderPort } from '../model/provider.ts';
import type { ImportedFlow } from './import-connection.ts';
import type { ImportedCredentials } from './imported-credentials.ts';

/** A connection with everything that another platform needs to serve it. */
export interface ExportedConnection
  extends Pick<ImportedCredentials, 'credentials' | 'accessTokenExpiresAt' | 'clientId'> {
  readonly connection: Connection;
  readonly flows: readonly ImportedFlow[];
}

export type ExportPorts = FindConnectionPort &
  ProviderPort & {
    readonly flows: Pick<FlowReader, 'listUsing'>;
    readonly credentials: Pick<CredentialReader, 'readIfKept'>;
    readonly oauthClients: OAuthClientReader;
    readonly sealer: Sealer;
  };

/** Flows of one read. */
const FLOWS = 100;

/**
 * Reads a connection with its flows and credentials, and changes nothing: no token is refreshed.
 *
 * @returns undefined for a connection that was disconnected meanwhile.
 * @throws Error when the credentials cannot be read.
 */
export async function exportConnection(
  ref: ConnectionRef,
  ports: ExportPorts,
): Promise<ExportedConnection | undefined> {
  const stored = await ports.connections.find(ref);
  if (!stored) return undefined;
  const credentials = await ports.credentials.readIfKept(versionOf(stored));
  if (credentials) {
    const tokens = await tokensOf(stored, credentials, ports);
    return { connection: stored.connection, flows: await flowsUsing(ref, ports), ...tokens };
  }
  const current = await ports.connections.find(ref);
  // Other credentials serve by now.
  if (current?.credentialsVersion !== stored.credentialsVersion) return exportConnection(ref, ports);
  throw new Error('The credentials cannot be read.');
}

/** Adds to the stored credentials the access token of a provider that users authorize, and the client of its tokens. */
async function tokensOf(
  stored: StoredConnection,
  credentials: Credentials,
  ports: ExportPorts,
): Promise<Pick<ExportedConnection, 'credentials' | 'accessTokenExpiresAt' | 'clientId'>> {
  const { accessToken, connection } = stored;
  const provider = ports.catalog.get(connection.providerId);
  const name = provider?.oauth2?.client;
  const clientId = name === undefined ? undefined : (await ports.oauthClients.find(name))?.clientId;
  if (!accessToken || !provider || !isAuthorized(provider)) {
    return { credentials, clientId, accessTokenExpiresAt: undefined };
  }
  const values = await openAccessToken(accessToken, versionOf(stored), ports);
  return {
    credentials: new Credentials({ ...values, ...credentials.reveal() }),
    clientId,
    accessTokenExpiresAt: values && accessToken.expiresAt,
  };
}

async function flowsUsing(ref: ConnectionRef, { flows }: ExportPorts): Promise<readonly ImportedFlow[]> {
  const using: ImportedFlow[] = [];
  let after: string | null = null;
  do {
    const page = await flows.listUsing(ref, { limit: FLOWS, after });
    for (const { id, name, integrations } of page.items) {
      const own = integrations.filter(({ connectionId }) => connectionId === ref.connectionId);
      // The flow was changed after its use was read.
      if (own.length > 0) using.push({ id, name, steps: own.map(({ stepId }) => stepId) });
    }
    after = page.next;
  } while (after !== null);
  return using;
}
