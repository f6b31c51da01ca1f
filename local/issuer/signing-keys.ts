import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import * as z from 'zod/mini';

const rsaKey = z.object({
  kty: z.literal('RSA'),
  kid: z.string(),
  use: z.literal('sig'),
  alg: z.literal('RS256'),
  n: z.string(),
  e: z.string(),
  d: z.string(),
  p: z.string(),
  q: z.string(),
  dp: z.string(),
  dq: z.string(),
  qi: z.string(),
});

const issuerData = z.object({ keys: z.array(rsaKey), port: z.optional(z.int()) });

/** What an issuer keeps between two starts: its private keys, and the port that its name holds. */
export type IssuerData = z.infer<typeof issuerData>;

/**
 * Reads what an earlier start kept, or makes a new RSA key where there is none.
 *
 * @throws Error when the file is there and is not what an issuer wrote.
 */
export async function loadIssuerData(dataFile: string): Promise<IssuerData> {
  const text = await readIfPresent(dataFile);
  if (text !== undefined) return issuerData.parse(JSON.parse(text));
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const kid = `local-${Date.now().toString(36)}`;
  return { keys: [rsaKey.parse({ ...(await exportJWK(privateKey)), kid, use: 'sig', alg: 'RS256' })] };
}

/** Keeps the data readable by its owner alone (mode 0600), whole or not at all. */
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
