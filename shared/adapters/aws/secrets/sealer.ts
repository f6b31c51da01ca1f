import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { SealContext, Sealer } from '../../../domain/credentials/oauth.ts';

/** A rotated data key is used for sealing after this time at the latest. */
const CURRENT_KEY_CACHE_MS = 5 * 60_000;
const CIPHER = 'aes-256-gcm';
/** Bytes of the initialization vector and of the tag (RFC 7518, section 5.3). */
const IV_BYTES = 12;
const TAG_BYTES = 16;

interface DataKey {
  /** The version id of the secret. */
  readonly id: string;
  readonly key: Uint8Array;
}

/**
 * Seals texts as JWE in compact form with AES-256-GCM (RFC 7516; `dir`, `A256GCM`), by Node's own crypto. The key is derived
 * by HKDF from a version of the data key secret, which the JWE names as `kid`: rotating the secret seals with a new version
 * from then on, and opens older texts with the version that sealed them. The context is authenticated as part of the
 * protected header.
 */
export function createSealer(client: SecretsManagerClient, secretId: string): Sealer {
  const keys = new Map<string, Uint8Array>();
  let current: { readonly key: DataKey; readonly until: number } | undefined;
  const load = async (version?: string): Promise<DataKey> => {
    const command = new GetSecretValueCommand({
      SecretId: secretId,
      ...(version !== undefined && { VersionId: version }),
    });
    const { SecretString = '', VersionId = '' } = await client.send(command);
    const key = new Uint8Array(hkdfSync('sha256', SecretString, '', 'connections sealed texts', 32));
    keys.set(VersionId, key);
    return { id: VersionId, key };
  };
  const keyOf = async (version: string): Promise<Uint8Array | undefined> => {
    try {
      return keys.get(version) ?? (await load(version)).key;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  };
  return {
    async seal(text, context) {
      if (!current || current.until <= Date.now()) {
        current = { key: await load(), until: Date.now() + CURRENT_KEY_CACHE_MS };
      }
      const { id, key } = current.key;
      return encrypt(text, key, { kid: id, ctx: digestOf(context, key) });
    },

    async open(sealed, context) {
      const { kid, ctx } = headerOf(sealed);
      const key = await keyOf(kid);
      if (!key) return undefined;
      if (ctx !== digestOf(context, key)) throw new Error('The sealed text belongs to another context.');
      return decrypt(sealed, key);
    },
  };
}

interface Header {
  readonly kid: string;
  /** Digest of the context. */
  readonly ctx: string;
}

function encrypt(text: string, key: Uint8Array, header: Header): string {
  const protectedHeader = encode(Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM', ...header })));
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(protectedHeader));
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  // The empty part is the encrypted key, which `dir` does not have.
  return [protectedHeader, '', encode(iv), encode(ciphertext), encode(cipher.getAuthTag())].join('.');
}

/** @throws Error for a text that was altered, or sealed with another key. */
function decrypt(sealed: string, key: Uint8Array): string {
  const [protectedHeader = '', , iv = '', ciphertext = '', tag = ''] = sealed.split('.');
  const decipher = createDecipheriv(CIPHER, key, decode(iv), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(protectedHeader));
  decipher.setAuthTag(decode(tag));
  return Buffer.concat([decipher.update(decode(ciphertext)), decipher.final()]).toString('utf8');
}

function headerOf(sealed: string): Header {
  return JSON.parse(decode(sealed.split('.')[0] ?? '').toString('utf8'));
}

function digestOf(context: SealContext, key: Uint8Array): string {
  const members = Object.entries(context).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHmac('sha256', key).update(JSON.stringify(members)).digest('base64url');
}

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function decode(text: string): Buffer {
  return Buffer.from(text, 'base64url');
}
