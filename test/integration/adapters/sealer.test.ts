import { hkdfSync } from 'node:crypto';
import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { keyringOf } from '../../../shared/adapters/aws/secrets/keyring.ts';
import { createSealer } from '../../../shared/adapters/sealing/sealer.ts';
import { IntegrityError } from '../../../shared/domain/credentials/sealer.ts';
import { started } from '../../harness/secrets-manager/started.ts';

const SECRET = 'made-up-data-key';
const CONTEXT = { use: 'access-token', connectionId: 'con_1', version: 'v1' };
const SIX_MINUTES_MS = 6 * 60_000;

let client: SecretsManager;
beforeEach(async () => {
  ({ client } = await started());
  await client.createSecret({ Name: 'data-key', SecretString: JSON.stringify({ current: '1', 1: SECRET }) });
  onTestFinished(() => {
    vi.useRealTimers();
  });
});

const sealer = () => createSealer(keyringOf(client, 'data-key'));
const jwk = new Uint8Array(hkdfSync('sha256', SECRET, '', 'connections sealed texts', 32));
const put = (SecretString: string) => client.putSecretValue({ SecretId: 'data-key', SecretString });
const rotate = () => put(JSON.stringify({ current: '2', 1: SECRET, 2: 'another-made-up-key' }));

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
      await expect(sealer().open(sealed, other)).rejects.toThrow(
        new IntegrityError('The sealed text belongs to another context.'),
      );
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
    await expect(sealer().open(altered(sealed, index), CONTEXT)).rejects.toThrow(IntegrityError);
  });

  test('opens after the data key was rotated, and new ones are sealed with the new key', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const process = sealer();
    const before = await process.seal('old', CONTEXT);
    await rotate();
    vi.advanceTimersByTime(SIX_MINUTES_MS);
    const after = await process.seal('new', CONTEXT);
    expect([before, after].map((sealed) => decodeProtectedHeader(sealed).kid)).toEqual(['1', '2']);
    for (const reader of [process, sealer()]) {
      expect(await reader.open(before, CONTEXT)).toBe('old');
      expect(await reader.open(after, CONTEXT)).toBe('new');
    }
  });

  test('of a key that another process added opens after ten seconds at the latest', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const process = sealer();
    await process.seal('old', CONTEXT);
    await rotate();
    const after = await sealer().seal('new', CONTEXT);
    expect(await process.open(after, CONTEXT)).toBeUndefined();
    vi.advanceTimersByTime(10_000);
    expect(await process.open(after, CONTEXT)).toBe('new');
  });

  test('is undefined when its data key is gone', async () => {
    const sealed = await sealer().seal('made-up token', CONTEXT);
    await put(JSON.stringify({ current: '2', 2: 'another-made-up-key' }));
    expect(await sealer().open(sealed, CONTEXT)).toBeUndefined();
  });
});

test.each(['no JSON, made-up-key', '{"1":"made-up-key"}', '{"current":"2","1":"made-up-key"}'])(
  'a secret that is no keyring seals nothing, and is not repeated in the error: %s',
  async (value) => {
    await put(value);
    const error: unknown = await sealer()
      .seal('made-up token', CONTEXT)
      .catch((reason: unknown) => reason);
    expect(String(error)).toMatch(
      /^Error: Secrets Manager: the (secret is no keyring|keyring has no current key)\.$/,
    );
  },
);
