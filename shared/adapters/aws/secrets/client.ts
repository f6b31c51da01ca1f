import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DomainError } from '../../../domain/errors.ts';
import { CLIENT_CONFIG, mapThrottlingToBusy } from '../sdk-clients.ts';

/** The secrets of one deployment: their names begin with a prefix, and one key encrypts them. */
export interface SecretStore {
  readonly client: SecretsManagerClient;
  readonly prefix: string;
  /** The customer-managed key; the account's own `aws/secretsmanager` where there is none. */
  readonly kmsKeyId: string | undefined;
}

/** Opens the secret store. The SDK's own variables say where and as whom. */
export function openSecrets(settings: Omit<SecretStore, 'client'>): SecretStore {
  return { client: mapThrottlingToBusy(new SecretsManagerClient(CLIENT_CONFIG)), ...settings };
}

/** The name of a connection's secret. */
export function secretName({ prefix }: SecretStore, connectionId: string): string {
  return prefix + connectionId;
}

/**
 * What went wrong in Secrets Manager, without its message and its cause: those may repeat what was sent.
 */
export function secretsError(operation: string, error: unknown): Error {
  if (error instanceof DomainError) return error;
  const name = error instanceof Error ? error.name : 'an unknown fault';
  return new Error(`Secrets Manager refused ${operation}: ${name}`);
}
