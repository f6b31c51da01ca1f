import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeProtectedHeader } from 'jose';
import { afterAll, describe, expect, test } from 'vitest';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import { parseLine, toLine } from '../../../tools/move/form.ts';
import { sealFor, unsealWith } from '../../../tools/move/seal.ts';
import { newConnection } from '../../harness/connections.ts';

const folder = mkdtempSync(join(tmpdir(), 'seal-'));
afterAll(() => rmSync(folder, { recursive: true }));

const EXPORTED = {
  connection: { ...newConnection('2024-01-02T03:04:05.000Z'), id: 'con_1' },
  flows: [{ id: 'flow', name: 'Flow', steps: ['step'] }],
  ...{ credentials: new Credentials({ token: 'secret' }), accessTokenExpiresAt: null, clientId: 'client' },
};

function keyFile(name: string, key: KeyObject): string {
  const file = join(folder, `${name}.pem`);
  writeFileSync(file, key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }));
  return file;
}

function keyFiles(name: string, { publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }) {
  return { open: keyFile(`${name}-private`, privateKey), seal: keyFile(`${name}-public`, publicKey) };
}

/** Returns the line of an export, as an import reads it. */
async function sealedLine(publicKey: string, changes: object = {}) {
  const sealed = await sealFor(publicKey)(EXPORTED);
  return parseLine(JSON.stringify({ ...toLine(EXPORTED), sealed, ...changes }));
}

const x25519 = keyFiles('x25519', generateKeyPairSync('x25519'));

describe('the secret part of an exported line', () => {
  test.each([
    ['x25519', x25519, 'ECDH-ES'],
    ['P-256', keyFiles('p256', generateKeyPairSync('ec', { namedCurve: 'P-256' })), 'ECDH-ES'],
    ['RSA', keyFiles('rsa', generateKeyPairSync('rsa', { modulusLength: 2_048 })), 'RSA-OAEP-256'],
  ])('opens with the private key: %s', async (_name, { open, seal }, alg) => {
    const line = await sealedLine(seal);
    const { credentials, accessTokenExpiresAt } = await unsealWith(open)(line);
    expect(credentials.reveal()).toEqual({ token: 'secret' });
    expect(accessTokenExpiresAt).toBeNull();
    expect(decodeProtectedHeader(line.sealed ?? '')).toMatchObject({ alg, enc: 'A256GCM' });
    expect(line).toMatchObject({ id: 'con_1', clientId: 'client', flows: EXPORTED.flows });
  });

  const refusal = async (file: string | undefined, line: Awaited<ReturnType<typeof sealedLine>>) => {
    const { problem } = await unsealWith(file)(line).catch((error: unknown) => Object(error));
    return problem.errors;
  };

  test('opens on its own line alone', async () => {
    const line = await sealedLine(x25519.seal, { id: 'con_2' });
    expect(await refusal(x25519.open, line)).toEqual([
      { path: 'sealed', message: 'belongs to another line' },
    ]);
  });

  test('opens with no other key, and without one not at all', async () => {
    const line = await sealedLine(x25519.seal);
    const other = keyFiles('other', generateKeyPairSync('x25519'));
    const message = 'was altered, or sealed for another key';
    expect(await refusal(other.open, line)).toEqual([{ path: 'sealed', message }]);
    expect(await refusal(undefined, line)).toEqual([{ path: 'sealed', message: 'needs --private-key' }]);
  });

  test('is sealed for no private key, short key, signature key or other file', () => {
    const short = keyFiles('short', generateKeyPairSync('rsa', { modulusLength: 1_024 }));
    const signing = keyFiles('signing', generateKeyPairSync('ed25519'));
    expect(() => sealFor(x25519.open)).toThrow('holds a private key');
    expect(() => sealFor(short.seal)).toThrow('The key must be RSA of 2048 bits');
    expect(() => sealFor(signing.seal)).toThrow('The key must be RSA of 2048 bits');
    const file = join(folder, 'none.pem');
    writeFileSync(file, 'no key');
    expect(() => sealFor(file)).toThrow('holds no public key in PEM form');
  });
});
