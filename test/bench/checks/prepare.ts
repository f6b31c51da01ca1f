import { join } from 'node:path';
import { AcceptedCredentials } from '../../../local/sandbox/accepted.ts';
import { addVersion } from '../../../local/secrets-manager/new-version.ts';
import { newArn } from '../../../local/secrets-manager/secret-id.ts';
import { openStorage } from '../../../local/secrets-manager/storage.ts';
import { REGION } from '../../../local/table/place.ts';
import { actionsOf } from '../../../shared/adapters/aws/table/commit.ts';
import { importWrites } from '../import-project.ts';
import type { Due, Tenant } from './tenants.ts';

/** Before the name of every secret. */
export const SECRETS_PREFIX = 'connections/bench/';

/** The files of the stand-ins in a data directory. */
export const filesIn = (dataDir: string) => ({
  secrets: join(dataDir, 'secrets.db'),
  sandbox: join(dataDir, 'sandbox.json'),
});

/**
 * Puts the tenants' connections in the table, their secrets in the store and their credentials in the sandbox.
 *
 * @returns each connection by the id that the sandbox has for its credentials.
 */
export async function prepare(
  dataDir: string,
  tenants: readonly Tenant[],
): Promise<ReadonlyMap<string, Due>> {
  const files = filesIn(dataDir);
  const all = tenants.flatMap(({ connections }) => connections);
  storeSecrets(files.secrets, all);
  const given = all.map(({ stored, credentials: fields }) => {
    const { providerId: provider, account } = stored.connection;
    return { provider, fields, account, expiresAt: null, scopes: [] };
  });
  const ids = new AcceptedCredentials(files.sandbox).acceptAll(given);
  const changes = tenants.map(({ connections }) =>
    connections.map(({ stored }) => ({ before: null, after: stored })),
  );
  await importWrites(
    dataDir,
    changes.flatMap((connections) => actionsOf({ connections })),
  );
  return new Map(all.map((due, index) => [ids[index] ?? '', due]));
}

/** As `CreateSecret` stores them, all at once. */
function storeSecrets(file: string, all: readonly Due[]): void {
  const storage = openStorage(file);
  const now = Date.now();
  storage.atomically(() => {
    for (const { stored, credentials } of all) {
      const name = SECRETS_PREFIX + stored.connection.id;
      const about = { description: null, kmsKeyId: null, tags: [], createdAt: now };
      const secret = storage.secrets.add({ arn: newArn(REGION, name), name, ...about });
      const value = { secretString: JSON.stringify(credentials), secretBinary: null };
      const call = { storage, region: REGION, now };
      addVersion(call, secret, { id: stored.secretVersion, value, stages: undefined });
    }
  });
  storage.close();
}
