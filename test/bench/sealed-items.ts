import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CREDENTIALS_KEY_SECRET } from '../../local/environment.ts';
import { keyringOf } from '../../shared/adapters/aws/secrets/keyring.ts';
import { openTable } from '../../shared/adapters/aws/table/client.ts';
import type { Action } from '../../shared/adapters/aws/table/expression.ts';
import { projectKeys } from '../../shared/adapters/aws/table/project-keys.ts';
import {
  openSealedStore,
  sealedCredentialWriter,
} from '../../shared/adapters/aws/table/sealed-credentials.ts';
import { createSealer } from '../../shared/adapters/sealing/sealer.ts';
import { Credentials } from '../../shared/domain/credentials/credentials.ts';
import { versionOf } from '../../shared/domain/credentials/store.ts';
import type { StoredConnection } from '../../shared/domain/model/connection.ts';
import { createBaseContext } from '../../shared/runtime/operation-context.ts';
import { acceptedCredentials } from '../../tools/seed/credentials.ts';

/**
 * Makes the items of sealed credentials for seeded connections, as the store writes them: its client answers every call
 * itself, and keeps what would be put. A project's first connection comes with the key of the project.
 */
export function sealedItems(
  secrets: SecretsManagerClient,
): (stored: StoredConnection) => Promise<readonly Action[]> {
  let put: Action[] = [];
  const table = openTable('not-sent');
  table.client.middlewareStack.add(
    () =>
      ({ input }) => {
        if ('Item' in input) put.push({ Put: { Item: input.Item } });
        return Promise.resolve({ output: { $metadata: {} }, response: undefined });
      },
    { step: 'initialize', priority: 'high', name: 'answer' },
  );
  const context = createBaseContext();
  const keyring = createSealer(keyringOf(secrets, CREDENTIALS_KEY_SECRET));
  const { clock } = context;
  const store = openSealedStore({ table, keys: projectKeys(table, keyring, context), clock });
  const writer = sealedCredentialWriter(store);
  return async (stored) => {
    const { providerId } = stored.connection;
    const credentials = new Credentials(acceptedCredentials(stored).fields);
    await writer.create({ ...versionOf(stored), store: 'sealed' }, credentials, providerId);
    const made = put;
    put = [];
    return made;
  };
}
