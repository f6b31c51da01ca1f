import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  InvalidParameterException,
  InvalidRequestException,
  PutSecretValueCommand,
  ResourceNotFoundException,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { SecretRemover, SecretWriter } from '../../../domain/credentials/secrets.ts';
import { type SecretStore, secretName, secretsError } from './client.ts';

const SERVING = 'AWSCURRENT';
/** How long a retired secret can be restored; the least that Secrets Manager allows. */
const RECOVERY_DAYS = 7;

/** Writes secrets. The version's id is the request's token, so a call that is repeated changes nothing. */
export function secretWriter(store: SecretStore): SecretWriter {
  const { client } = store;
  return {
    async createSecret(connectionId, version, credentials) {
      const command = new CreateSecretCommand({
        Name: secretName(store, connectionId),
        ClientRequestToken: version,
        KmsKeyId: store.kmsKeyId,
        SecretString: JSON.stringify(credentials.reveal()),
      });
      await guarded('CreateSecret', () => client.send(command));
    },

    async putSecret(connectionId, version, credentials) {
      const command = new PutSecretValueCommand({
        SecretId: secretName(store, connectionId),
        ClientRequestToken: version,
        SecretString: JSON.stringify(credentials.reveal()),
      });
      await guarded('PutSecretValue', () => client.send(command));
    },

    labelServing: (connectionId, version) => labelServing(store, connectionId, version),
  };
}

/** Takes secrets out of service. */
export function secretRemover(store: SecretStore): SecretRemover {
  return {
    async retireSecret(connectionId) {
      const command = new DeleteSecretCommand({
        SecretId: secretName(store, connectionId),
        RecoveryWindowInDays: RECOVERY_DAYS,
      });
      await guarded('DeleteSecret', () => store.client.send(command), isGone);
    },
  };
}

/** Moves the label, once more where it had moved since it was read: also by a call of ours whose answer was lost. */
async function labelServing(store: SecretStore, connectionId: string, version: string): Promise<void> {
  const moved = await moveLabel(store, connectionId, version, (error) => isGone(error) || hasMoved(error));
  if (!moved) await moveLabel(store, connectionId, version, isGone);
}

/** Whether the label was moved, or stands where it should. */
async function moveLabel(
  store: SecretStore,
  connectionId: string,
  version: string,
  tolerated: (error: unknown) => boolean,
): Promise<boolean> {
  const SecretId = secretName(store, connectionId);
  const described = await guarded(
    'DescribeSecret',
    () => store.client.send(new DescribeSecretCommand({ SecretId })),
    isGone,
  );
  const holder = Object.entries(described?.VersionIdsToStages ?? {}).find(([, stages]) =>
    stages.includes(SERVING),
  );
  if (!described || holder?.[0] === version) return true;
  const command = new UpdateSecretVersionStageCommand({
    SecretId,
    VersionStage: SERVING,
    MoveToVersionId: version,
    RemoveFromVersionId: holder?.[0],
  });
  const done = await guarded('UpdateSecretVersionStage', () => store.client.send(command), tolerated);
  return done !== undefined;
}

/** The label is not where it was read to be. */
function hasMoved(error: unknown): boolean {
  return error instanceof InvalidParameterException;
}

/** Not there, or scheduled for deletion already. */
function isGone(error: unknown): boolean {
  return error instanceof ResourceNotFoundException || error instanceof InvalidRequestException;
}

async function guarded<T>(
  operation: string,
  call: () => Promise<T>,
  tolerated: (error: unknown) => boolean = () => false,
): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (tolerated(error)) return undefined;
    throw secretsError(operation, error);
  }
}
