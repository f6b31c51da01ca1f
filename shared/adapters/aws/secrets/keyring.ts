import { hkdfSync } from 'node:crypto';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import type { DataKeys } from '../../sealing/sealer.ts';

/** A rotated keyring is used for sealing after this time at the latest. */
const CACHE_MS = 5 * 60_000;
/** A text of an unknown key makes the keyring be read again, this often at most: another process rotated it. */
const UNKNOWN_KEY_MS = 10_000;

const keyring = z.catchall(z.object({ current: z.string() }), z.string());

interface LoadedKeyring {
  readonly current: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
  readonly at: number;
}

/**
 * Reads data keys from one secret: a JSON object of key texts by their ids, where `current` names the one that seals.
 * A rotation adds a key and keeps the others, so that a text opens for as long as the secret exists. The key itself is
 * derived from its text by HKDF (RFC 5869).
 */
export function keyringOf(client: SecretsManagerClient, secretId: string): DataKeys {
  let loaded: LoadedKeyring | undefined;
  let loading: Promise<LoadedKeyring> | undefined;
  const load = async (maxAgeMs: number): Promise<LoadedKeyring> => {
    if (loaded && loaded.at + maxAgeMs > Date.now()) return loaded;
    // Concurrent callers share one call.
    loading ??= read(client, secretId).finally(() => {
      loading = undefined;
    });
    loaded = await loading;
    return loaded;
  };
  return {
    async current() {
      const { current: id, keys } = await load(CACHE_MS);
      const key = keys.get(id);
      if (!key) throw new Error('Secrets Manager: the keyring has no current key.');
      return { id, key };
    },

    async find(id) {
      const key = loaded?.keys.get(id) ?? (await load(UNKNOWN_KEY_MS)).keys.get(id);
      return key && { id, key };
    },
  };
}

async function read(client: SecretsManagerClient, SecretId: string): Promise<LoadedKeyring> {
  const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
  const parsed = keyring.safeParse(parseJson(SecretString));
  // The value must not appear in an error.
  if (!parsed.success) throw new Error('Secrets Manager: the secret is no keyring.');
  const { current, ...texts } = parsed.data;
  const keys = new Map(Object.entries(texts).map(([id, text]) => [id, derive(text)]));
  return { current, keys, at: Date.now() };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function derive(text: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', text, '', 'connections sealed texts', 32));
}
