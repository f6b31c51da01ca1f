import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import * as z from 'zod/mini';

/** A private key; `oidc-provider` checks the rest of its members. */
const signingKey = z.looseObject({ kty: z.literal('RSA'), kid: z.string() });
const issuerData = z.object({ keys: z.array(signingKey), port: z.optional(z.int()) });

/** The data that an issuer keeps between two starts: its private keys, and the port that its name contains. */
export type IssuerData = z.infer<typeof issuerData>;

/**
 * Reads the data of an earlier start, or makes a new RSA key where there is none.
 *
 * @throws Error where the file exists and no issuer wrote it.
 */
export async function loadIssuerData(dataFile: string): Promise<IssuerData> {
  const text = await readIfPresent(dataFile);
  if (text !== undefined) return issuerData.parse(JSON.parse(text));
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const kid = `local-${Date.now().toString(36)}`;
  return { keys: [signingKey.parse({ ...(await exportJWK(privateKey)), kid, use: 'sig', alg: 'RS256' })] };
}

/** Writes the data for its owner alone (mode 0600), completely or not at all. */
export async function saveIssuerData(dataFile: string, data: IssuerData): Promise<void> {
  await mkdir(dirname(dataFile), { recursive: true });
  const draft = `${dataFile}.${process.pid}.new`;
  await writeFile(draft, JSON.stringify(data), { mode: 0o600 });
  await rename(draft, dataFile);
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
