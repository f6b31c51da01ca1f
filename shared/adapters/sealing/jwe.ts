import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { IntegrityError, type SealContext } from '../../domain/credentials/sealer.ts';

const CIPHER = 'aes-256-gcm';
/** Bytes of the initialization vector and of the tag (RFC 7518, section 5.3). */
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A key for AES-256-GCM: 32 bytes. */
export interface DataKey {
  readonly id: string;
  readonly key: Uint8Array;
}

/**
 * Encrypts a text as JWE in compact form with AES-256-GCM (RFC 7516; `dir`, `A256GCM`), by Node's own crypto. The
 * protected header names the key as `kid`, and authenticates the context by a digest.
 */
export function encrypt(text: string, { id: kid, key }: DataKey, context: SealContext): string {
  const header = { alg: 'dir', enc: 'A256GCM', kid, ctx: digestOf(context, key) };
  const protectedHeader = encode(Buffer.from(JSON.stringify(header)));
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(protectedHeader));
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  // The empty part is the encrypted key, which `dir` does not have.
  return [protectedHeader, '', encode(iv), encode(ciphertext), encode(cipher.getAuthTag())].join('.');
}

/**
 * Decrypts what `encrypt` returned.
 *
 * @throws IntegrityError for a text that was altered, sealed with another key, or for another context.
 */
export function decrypt(sealed: string, { key }: DataKey, context: SealContext): string {
  const [protectedHeader = '', , iv = '', ciphertext = '', tag = ''] = sealed.split('.');
  if (headerOf(sealed).ctx !== digestOf(context, key)) {
    throw new IntegrityError('The sealed text belongs to another context.');
  }
  try {
    const decipher = createDecipheriv(CIPHER, key, decode(iv), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(protectedHeader));
    decipher.setAuthTag(decode(tag));
    return Buffer.concat([decipher.update(decode(ciphertext)), decipher.final()]).toString('utf8');
  } catch {
    throw new IntegrityError('The sealed text was altered.');
  }
}

/**
 * Returns the id of the key that sealed a text.
 *
 * @throws IntegrityError for a text that is no JWE.
 */
export function keyIdOf(sealed: string): string {
  return headerOf(sealed).kid;
}

function headerOf(sealed: string): { readonly kid: string; readonly ctx: string } {
  try {
    return JSON.parse(decode(sealed.split('.')[0] ?? '').toString('utf8'));
  } catch {
    throw new IntegrityError('The sealed text was altered.');
  }
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
