import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { invalid } from '../../shared/domain/errors.ts';
import type { ExportedConnection } from '../../shared/domain/moving/export-connection.ts';
import { type ConnectionLine, parseJson, type SecretPart, sealedPart } from './form.ts';

/** The key management algorithm of each type of key (RFC 7518, section 4). */
const ALGORITHMS: Readonly<Record<string, string>> = {
  rsa: 'RSA-OAEP-256',
  ec: 'ECDH-ES',
  x25519: 'ECDH-ES',
};
/** Bits of an RSA key at least (RFC 7518, section 4.3). */
const MIN_RSA_BITS = 2_048;

/** Encrypts the secret part of a connection for the owner of a key. */
export type Seal = (exported: ExportedConnection) => Promise<string>;

/**
 * Reads the public key for which an export is sealed.
 *
 * @throws Error for a file that holds no public key, or one that JWE has no algorithm for.
 */
export function sealFor(file: string): Seal {
  const key = readPublicKey(file);
  const alg = algorithmOf(key);
  return ({ connection: { id, providerId: provider }, credentials, accessTokenExpiresAt }) => {
    const part = {
      ...{ id, provider, credentials: credentials.reveal() },
      ...(accessTokenExpiresAt !== undefined && { accessTokenExpiresAt }),
    };
    return new CompactEncrypt(Buffer.from(JSON.stringify(part)))
      .setProtectedHeader({ alg, enc: 'A256GCM' })
      .encrypt(key);
  };
}

function readPublicKey(file: string): KeyObject {
  const pem = readFileSync(file, 'utf8');
  // Node derives a public key from a private one, which nobody should hand around.
  if (pem.includes('PRIVATE KEY'))
    throw new Error(`${file} holds a private key; --public-key takes its public key.`);
  try {
    return createPublicKey(pem);
  } catch {
    throw new Error(`${file} holds no public key in PEM form.`);
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  const alg = ALGORITHMS[asymmetricKeyType ?? ''];
  const isTooShort = (asymmetricKeyDetails?.modulusLength ?? MIN_RSA_BITS) < MIN_RSA_BITS;
  if (alg !== undefined && !isTooShort) return alg;
  throw new Error(`The key must be RSA of ${MIN_RSA_BITS} bits or more, P-256, P-384, P-521 or X25519.`);
}

/** Returns the secret part of a line. */
export type Unseal = (line: ConnectionLine) => Promise<SecretPart>;

/**
 * Reads the private key that opens sealed lines.
 *
 * @param file undefined where no line is sealed.
 * @throws Error for a file that holds no private key.
 */
export function unsealWith(file: string | undefined): Unseal {
  const key = file === undefined ? undefined : readPrivateKey(file);
  return async ({ id, provider, credentials, sealed, accessTokenExpiresAt }) => {
    if (credentials !== undefined) return { credentials, accessTokenExpiresAt };
    if (key === undefined) throw invalid([{ path: 'sealed', message: 'needs --private-key' }]);
    const part = parseJson(sealedPart, await open(sealed ?? '', key));
    if (part.id === id && part.provider === provider) return part;
    throw invalid([{ path: 'sealed', message: 'belongs to another line' }]);
  };
}

function readPrivateKey(file: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(file, 'utf8'));
  } catch {
    throw new Error(`${file} cannot be read as a private key in PEM form.`);
  }
}

async function open(sealed: string, key: KeyObject): Promise<string> {
  try {
    const options = {
      keyManagementAlgorithms: [algorithmOf(key)],
      contentEncryptionAlgorithms: ['A256GCM'],
    };
    return Buffer.from((await compactDecrypt(sealed, key, options)).plaintext).toString('utf8');
  } catch {
    throw invalid([{ path: 'sealed', message: 'was altered, or sealed for another key' }]);
  }
}
