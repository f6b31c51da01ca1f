import { sampleCredentials } from '../../local/sandbox/samples.ts';
import { addVersion } from '../../local/secrets-manager/new-version.ts';
import { newArn } from '../../local/secrets-manager/secret-id.ts';
import { openStorage } from '../../local/secrets-manager/storage.ts';
import { REGION } from '../../local/table/place.ts';
import type { StoredConnection } from '../../shared/domain/connections/stored.ts';

/** The made-up credentials of a seeded connection: its provider's, and no other connection's. */
export function seededCredentials({ connection: { id, providerId } }: StoredConnection) {
  return sampleCredentials(providerId, id.replace('_', '-'));
}

/** Stores the secrets of connections as `CreateSecret` does, all in one transaction. */
export function storeSecrets(
  { file, prefix }: { readonly file: string; readonly prefix: string },
  connections: readonly StoredConnection[],
): void {
  const storage = openStorage(file);
  const now = Date.now();
  const about = { description: null, kmsKeyId: null, tags: [], createdAt: now };
  try {
    storage.atomically(() => {
      for (const stored of connections) {
        const name = prefix + stored.connection.id;
        const secret = storage.secrets.add({ arn: newArn(REGION, name), name, ...about });
        const secretString = JSON.stringify(seededCredentials(stored));
        const value = { secretString, secretBinary: null };
        addVersion({ storage, region: REGION, now }, secret, {
          id: stored.secretVersion,
          value,
          stages: undefined,
        });
      }
    });
  } finally {
    storage.close();
  }
}
