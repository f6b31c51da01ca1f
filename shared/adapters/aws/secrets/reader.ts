import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import { Credentials } from '../../../domain/credentials/credentials.ts';
import type { SecretReader } from '../../../domain/credentials/secrets.ts';
import { type SecretStore, secretName, secretsError } from './client.ts';

const fields = z.record(z.string(), z.string());

/** Reads secrets, always a version by its id. */
export function secretReader(store: SecretStore): SecretReader {
  return {
    async readSecret(connectionId, version) {
      const SecretId = secretName(store, connectionId);
      try {
        const { SecretString } = await store.client.send(
          new GetSecretValueCommand({ SecretId, VersionId: version }),
        );
        return new Credentials(fields.parse(JSON.parse(SecretString ?? '')));
      } catch (error) {
        throw secretsError('GetSecretValue', error);
      }
    },
  };
}
