import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  InvalidParameterException,
  InvalidRequestException,
  PutSecretValueCommand,
  ResourceNotFoundException,
  RestoreSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import { Credentials } from '../../../domain/credentials/credentials.ts';
import type {
  CredentialImporter,
  CredentialPromoter,
  CredentialReader,
  CredentialRemover,
  CredentialRestorer,
  CredentialsVersion,
  CredentialWriter,
} from '../../../domain/credentials/store.ts';
import { DomainError } from '../../../domain/errors.ts';
import { CLIENT_CONFIG, configureMiddleware } from '../sdk.ts';

/**
 * The credential store with a Secrets Manager secret per connection. The id of a credentials version is the version id
 * of the secret and the request token, so that a repeated call changes nothing.
 *
 * Readers ask for a version by its id, never by its label. Labels only protect versions from being pruned: a version is
 * put with AWSPENDING, and promoted to AWSCURRENT after the table's commit.
 */
export interface SecretsStore {
  readonly client: SecretsManagerClient;
  /** Prefix of every secret's name. */
  readonly prefix: string;
  /** The customer-managed key; undefined for the account's `aws/secretsmanager`. */
  readonly kmsKeyId: string | undefined;
  /** Tags of every secret besides its project and provider, such as the stage's own. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Opens Secrets Manager. Endpoint and credentials come from the SDK's environment variables. */
export function openSecretsManager(): SecretsManagerClient {
  return configureMiddleware(new SecretsManagerClient(CLIENT_CONFIG));
}

/** Opens the store. */
export function openSecrets(
  settings: Omit<SecretsStore, 'client'>,
  client = openSecretsManager(),
): SecretsStore {
  return { client, ...settings };
}

const CURRENT = 'AWSCURRENT';
const PENDING = 'AWSPENDING';
/** Days during which a deleted secret can be restored: the least that Secrets Manager allows. */
const RECOVERY_DAYS = 7;

const fields = z.record(z.string(), z.string());

/** Reads credentials by their version id. */
export function credentialReader({ client, prefix }: SecretsStore): CredentialReader {
  const get = async ({ connectionId, version }: CredentialsVersion) => {
    const command = new GetSecretValueCommand({ SecretId: prefix + connectionId, VersionId: version });
    const { SecretString } = await client.send(command);
    return new Credentials(fields.parse(JSON.parse(SecretString ?? '')));
  };
  return {
    read: (version) => call('GetSecretValue', () => get(version)),
    readIfKept: (version) => call('GetSecretValue', () => get(version), isGone),
  };
}

/** Writes credentials. */
export function credentialWriter(store: SecretsStore): Omit<CredentialWriter, 'storeOfNew'> {
  const { client, prefix, kmsKeyId, tags } = store;
  return {
    async create({ projectId, connectionId, version }, credentials, providerId) {
      const command = new CreateSecretCommand({
        Name: prefix + connectionId,
        ClientRequestToken: version,
        KmsKeyId: kmsKeyId,
        SecretString: JSON.stringify(credentials.reveal()),
        Tags: Object.entries({
          ...tags,
          'connections:project': projectId,
          'connections:provider': providerId,
        }).map(([Key, Value]) => ({ Key, Value })),
      });
      await call('CreateSecret', () => client.send(command));
    },

    async put({ connectionId, version }, credentials) {
      const command = new PutSecretValueCommand({
        SecretId: prefix + connectionId,
        ClientRequestToken: version,
        SecretString: JSON.stringify(credentials.reveal()),
        VersionStages: [PENDING],
      });
      await call('PutSecretValue', () => client.send(command));
    },

    ...credentialPromoter(store),

    // Secrets Manager encrypts with a KMS key, which rotates by itself.
    reseal: () => Promise.resolve(),
  };
}

/** Promotes versions, by their labels. */
export function credentialPromoter({ client, prefix }: SecretsStore): CredentialPromoter {
  return {
    async exists({ connectionId, version }) {
      const command = new DescribeSecretCommand({ SecretId: prefix + connectionId });
      const secret = await call('DescribeSecret', () => client.send(command), isGone);
      return Object.hasOwn(secret?.VersionIdsToStages ?? {}, version);
    },

    async promoted({ connectionId }) {
      const command = new DescribeSecretCommand({ SecretId: prefix + connectionId });
      const secret = await call('DescribeSecret', () => client.send(command), isGone);
      const labels = Object.entries(secret?.VersionIdsToStages ?? {});
      return labels.find(([, stages]) => stages.includes(CURRENT))?.[0];
    },

    async promote({ connectionId, version }, from) {
      const command = new UpdateSecretVersionStageCommand({
        SecretId: prefix + connectionId,
        VersionStage: CURRENT,
        MoveToVersionId: version,
        RemoveFromVersionId: from,
      });
      return call('UpdateSecretVersionStage', async () => {
        try {
          await client.send(command);
          return true;
        } catch (error) {
          // The label is no longer at `from`.
          if (error instanceof InvalidParameterException) return false;
          if (isGone(error)) return true;
          throw error;
        }
      });
    },
  };
}

/** Removes credentials. */
export function credentialRemover({ client, prefix }: SecretsStore): CredentialRemover & CredentialRestorer {
  return {
    async retire({ connectionId }) {
      const command = new DeleteSecretCommand({
        SecretId: prefix + connectionId,
        RecoveryWindowInDays: RECOVERY_DAYS,
      });
      await call('DeleteSecret', () => client.send(command), isGone);
    },

    async restore({ connectionId }) {
      const command = new RestoreSecretCommand({ SecretId: prefix + connectionId });
      return (await call('RestoreSecret', () => client.send(command), isGone)) !== undefined;
    },
  };
}

/** Takes over credentials from another store. */
export function credentialImporter(store: SecretsStore): CredentialImporter {
  const { create, put, promoted, promote } = credentialWriter(store);
  const { restore } = credentialRemover(store);
  return {
    async import(version, credentials, providerId) {
      // A secret is left by an earlier migration: in use, or scheduled for deletion.
      if (!(await restore(version))) return create(version, credentials, providerId);
      const before = await promoted(version);
      if (before === version.version) return;
      await put(version, credentials);
      if (before !== undefined) await promote(version, before);
    },
  };
}

/** Returns true for a secret that does not exist, or is already scheduled for deletion. */
function isGone(error: unknown): boolean {
  return error instanceof ResourceNotFoundException || error instanceof InvalidRequestException;
}

/**
 * Calls Secrets Manager. A failure becomes an error without the original message and cause, which may repeat the secret.
 *
 * @param isTolerated true for an error that counts as no result.
 */
function call<T>(operation: string, send: () => Promise<T>): Promise<T>;
function call<T>(
  operation: string,
  send: () => Promise<T>,
  isTolerated: (error: unknown) => boolean,
): Promise<T | undefined>;
async function call<T>(
  operation: string,
  send: () => Promise<T>,
  isTolerated: (error: unknown) => boolean = () => false,
): Promise<T | undefined> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    if (isTolerated(error)) return undefined;
    const name = error instanceof Error ? error.name : 'unknown error';
    throw new Error(`Secrets Manager: ${operation} failed: ${name}`);
  }
}
