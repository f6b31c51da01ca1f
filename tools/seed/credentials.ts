import { dataFiles } from '../../local/data-folder.ts';
import { REGION, SECRETS_PREFIX } from '../../local/environment.ts';
import { CredentialRegistry, type NewCredentials } from '../../local/sandbox/credentials.ts';
import { sampleCredentials } from '../../local/sandbox/samples.ts';
import { addSecret } from '../../local/secrets-manager/secrets.ts';
import { openStorage } from '../../local/secrets-manager/storage.ts';
import { addVersion } from '../../local/secrets-manager/versions.ts';
import type { StoredConnection } from '../../shared/domain/model/connection.ts';
import type { OpenTable } from './open.ts';

/** Stores the credentials of connections that are about to be written. */
export type StoreCredentials = (connections: readonly StoredConnection[]) => Promise<void>;

/**
 * Stores secrets for seeded connections, and makes the sandbox accept those of the active ones. Does nothing where
 * provider calls go to real services, which would only refuse made-up credentials.
 */
export function credentialStore(
  dataDir: string,
  { providers, sandboxUrl }: Pick<OpenTable, 'providers' | 'sandboxUrl'>,
): StoreCredentials {
  if (providers === 'real') return () => Promise.resolve();
  const { secrets, sandbox } = dataFiles(dataDir, providers);
  return async (connections) => {
    storeSecrets(secrets, connections);
    const active = connections.filter(({ connection }) => connection.status === 'active');
    const credentials = active.map(acceptedCredentials);
    if (sandboxUrl) await sendToSandbox(sandboxUrl, credentials);
    else acceptInFile(sandbox, credentials);
  };
}

/**
 * Makes the sandbox of a data file accept credentials, while no local mode uses the file.
 *
 * @returns the sandbox's ids of them.
 */
export function acceptInFile(sandboxFile: string, credentials: readonly NewCredentials[]): readonly string[] {
  const registry = new CredentialRegistry(sandboxFile);
  try {
    return registry.issue(credentials);
  } finally {
    registry.close();
  }
}

/** Stores the secrets of connections as `CreateSecret` does, all in one transaction. */
export function storeSecrets(dataFile: string, connections: readonly StoredConnection[]): void {
  const storage = openStorage(dataFile);
  const context = { storage, region: REGION, now: Date.now() };
  try {
    storage.transaction(() => {
      for (const stored of connections) {
        const name = SECRETS_PREFIX + stored.connection.id;
        const secret = addSecret(context, { name, kmsKeyId: null, tags: [] });
        const value = JSON.stringify(seededCredentials(stored));
        addVersion(context, secret, { versionId: stored.credentialsVersion, value });
      }
    });
  } finally {
    storage.close();
  }
}

/** The credentials of a seeded connection, in the form that the sandbox accepts them: without an end. */
export function acceptedCredentials(stored: StoredConnection): NewCredentials {
  const { providerId: provider, account } = stored.connection;
  return { provider, fields: seededCredentials(stored), account, expiresAt: null, scopes: [] };
}

/** Makes up credentials that fit the connection's provider and belong to no other connection. */
function seededCredentials({ connection: { id, providerId } }: StoredConnection) {
  return sampleCredentials(providerId, id.replace('_', '-'));
}

async function sendToSandbox(url: string, accepted: readonly NewCredentials[]): Promise<void> {
  const response = await fetch(`${url}/_control/credential-lists`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(
      accepted.map(({ provider, fields, account }) => ({
        provider,
        credentials: fields,
        ...(account && { account }),
      })),
    ),
  });
  if (!response.ok) throw new Error(`The sandbox responded ${response.status} to the credentials.`);
}
