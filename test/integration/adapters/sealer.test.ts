import { hkdfSync } from 'node:crypto';
import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createSealer } from '../../../shared/adapters/aws/secrets/sealer.ts';
import { started } from '../../harness/secrets-manager/started.ts';

const SECRET = 'made-up-data-key';
const CONTEXT = { use: 'access-token', connectionId: 'con_1', version: 'v1' };
const SIX_MINUTES_MS = 6 * 60_000;

let client: SecretsManager;
beforeEach(async () => {
  ({ client } = await started());
  await client.createSecret({ Name: 'data-key', SecretString: SECRET });
  onTestFinished(() => {
    vi.useRealTimers();
  });
});

const sealer = () => createSealer(client, 'data-key');
const jwk = new Uint8Array(hkdfSync('sha256', SECRET, '', 'connections sealed texts', 32));
const rotate = (SecretString: string) => client.putSecretValue({ SecretId: 'data-key', SecretString });

/** Replaces one character of a part, which base64url cannot hide in unused bits. */
function altered(sealed: string, part: number): string {
  const parts = sealed.split('.');
  const text = parts[part] ?? '';
  parts[part] = `${text[0] === 'A' ? 'B' : 'A'}${text.slice(1)}`;
  return parts.join('.');
}

describe('a sealed text', () => {
  test('opens in another process, with its context alone', async () => {
    const sealed = await sealer().seal('made-up token', CONTEXT);
    expect(sealed).not.toContain('made-up');
    expect(await sealer().open(sealed, { ...CONTEXT })).toBe('made-up token');
    for (const other of [{ ...CONTEXT, version: 'v2' }, { ...CONTEXT, use: 'code' }, {}]) {
      await expect(sealer().open(sealed, other)).rejects.toThrow('another context');
    }
  });

  test('is a JWE (RFC 7516) that a library opens, and the other way round', async () => {
    const sealed = await sealer().seal('made-up token', CONTEXT);
    const { plaintext, protectedHeader } = await compactDecrypt(sealed, jwk);
    expect(new TextDecoder().decode(plaintext)).toBe('made-up token');
    expect(protectedHeader).toMatchObject({ alg: 'dir', enc: 'A256GCM', kid: expect.any(String) });
    const { alg = '', enc = '', ...header } = decodeProtectedHeader(sealed);
    const theirs = await new CompactEncrypt(new TextEncoder().encode('theirs'))
      .setProtectedHeader({ ...header, alg, enc })
      .encrypt(jwk);
    expect(await sealer().open(theirs, CONTEXT)).toBe('theirs');
  });

  test.each([
    ['header', 0],
    ['initialization vector', 2],
    ['ciphertext', 3],
    ['tag', 4],
  ])('does not open with an altered %s', async (_part, index) => {
    const sealed = await sealer().seal('made-up token', CONTEXT);
    await expect(sealer().open(altered(sealed, index), CONTEXT)).rejects.toThrow();
  });

  test('opens after the data key was rotated, and new ones are sealed with the new key', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const process = sealer();
    const before = await process.seal('old', CONTEXT);
    await rotate('another-made-up-key');
    vi.advanceTimersByTime(SIX_MINUTES_MS);
    const after = await process.seal('new', CONTEXT);
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
    for (const reader of [process, sealer()]) {
      expect(await reader.open(before, CONTEXT)).toBe('old');
      expect(await reader.open(after, CONTEXT)).toBe('new');
    }
  });

  test('is undefined when its data key is gone', async () => {
    const sealed = await sealer().seal('made-up token', CONTEXT);
    const [header = '', ...others] = sealed.split('.');
    const { kid: _, ...known } = JSON.parse(Buffer.from(header, 'base64url').toString());
    const gone = { ...known, kid: '00000000-0000-4000-8000-000000000000' };
    const orphan = [Buffer.from(JSON.stringify(gone)).toString('base64url'), ...others].join('.');
    expect(await sealer().open(orphan, CONTEXT)).toBeUndefined();
  });
});
