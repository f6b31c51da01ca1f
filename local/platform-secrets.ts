import { randomBytes } from 'node:crypto';
import {
  CreateSecretCommand,
  ResourceExistsException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { CREDENTIALS_KEY_SECRET, DATA_KEY_SECRET, OAUTH_CLIENTS_PREFIX } from './environment.ts';

/**
 * Creates the secrets that are not a connection's, where they do not exist: the keyrings, as `infra/` does on AWS, and an
 * OAuth client of each name, which the sandbox accepts whatever it is.
 */
export async function createPlatformSecrets(endpoint: string, oauthClients: Iterable<string>): Promise<void> {
  const client = new SecretsManagerClient({ endpoint });
  const create = async (Name: string, SecretString: string) => {
    try {
      await client.send(new CreateSecretCommand({ Name, SecretString }));
    } catch (error) {
      if (!(error instanceof ResourceExistsException)) throw error;
    }
  };
  const random = () => randomBytes(32).toString('base64url');
  const newKeyring = () => JSON.stringify({ current: '1', 1: random() });
  try {
    await Promise.all([
      create(DATA_KEY_SECRET, newKeyring()),
      create(CREDENTIALS_KEY_SECRET, newKeyring()),
      ...Array.from(oauthClients, (name) =>
        create(
          OAUTH_CLIENTS_PREFIX + name,
          JSON.stringify({ clientId: `local-${name}`, clientSecret: random() }),
        ),
      ),
    ]);
  } finally {
    client.destroy();
  }
}
