import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import type { OAuthClient, OAuthClientIndex, OAuthClientReader } from '../../../domain/credentials/oauth.ts';

const client = z.object({ clientId: z.string(), clientSecret: z.string() });

/** A client that was rotated or removed is seen after this time at the latest. */
const CACHE_MS = 5 * 60_000;
/** A new client is seen after this time at the latest: an operator waits for it. */
const MISSING_CACHE_MS = 10_000;

/** Reads the platform's OAuth clients: one secret each, named for the client. */
export function oauthClientReader(secrets: SecretsManagerClient, prefix: string): OAuthClientReader {
  return { find: cached((name) => readClient(secrets, prefix + name)) };
}

/** Looks OAuth clients up by the description of their secret, which says nothing of its value. */
export function oauthClientIndex(secrets: SecretsManagerClient, prefix: string): OAuthClientIndex {
  return { isConfigured: cached((name) => isConfigured(secrets, prefix + name)) };
}

/** Callers at the same time share one call: many providers of a list have the same client. */
function cached<T>(load: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const cache = new Map<string, { readonly value: T; readonly until: number }>();
  const loading = new Map<string, Promise<T>>();
  const reload = async (name: string) => {
    try {
      const value = await load(name);
      cache.set(name, { value, until: Date.now() + (value ? CACHE_MS : MISSING_CACHE_MS) });
      return value;
    } finally {
      loading.delete(name);
    }
  };
  return async (name) => {
    const known = cache.get(name);
    if (known && known.until > Date.now()) return known.value;
    const promise = loading.get(name) ?? reload(name);
    loading.set(name, promise);
    return promise;
  };
}

async function readClient(secrets: SecretsManagerClient, SecretId: string): Promise<OAuthClient | undefined> {
  try {
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId }));
    return client.parse(JSON.parse(SecretString ?? ''));
  } catch (error) {
    if (isGone(error)) return undefined;
    // The message may repeat the secret.
    const name = error instanceof Error ? error.name : 'unknown error';
    throw new Error(`Secrets Manager: reading an OAuth client failed: ${name}`);
  }
}

async function isConfigured(secrets: SecretsManagerClient, SecretId: string): Promise<boolean> {
  try {
    const { DeletedDate } = await secrets.send(new DescribeSecretCommand({ SecretId }));
    return DeletedDate === undefined;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** Secrets Manager refuses to read a secret that is scheduled for deletion as an invalid request. */
function isGone(error: unknown): boolean {
  return (
    error instanceof ResourceNotFoundException ||
    (error instanceof Error && error.name === 'InvalidRequestException')
  );
}
