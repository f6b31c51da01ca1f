import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import { createVerifier } from '../../../shared/adapters/providers/verifier.ts';
import { catalog } from '../../../shared/catalog/index.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import { openSandbox } from './sandbox.ts';

/** A whole verification of a sandbox that never answers ends after this. */
const IMPATIENT_MS = 60;

let sandbox: Awaited<ReturnType<typeof openSandbox>>;
beforeAll(async () => {
  sandbox = await openSandbox();
});
afterAll(() => sandbox.close());

describe.each(catalog.list())('$id', (provider) => {
  const fields = sampleCredentials(provider.id);
  const verify = (timeoutMs?: number, given = fields) =>
    createVerifier({ endpointUrl: sandbox.url, timeoutMs }).verify(provider, new Credentials(given));

  beforeAll(() => sandbox.accept(provider.id, fields));

  const whenever = async (mode: string, timeoutMs?: number) => {
    await sandbox.fault(provider.id, mode);
    try {
      return await verify(timeoutMs);
    } finally {
      await sandbox.fault(provider.id, 'none');
    }
  };

  it('accepts what the service accepts, and knows whose it is', async () => {
    const verification = await verify();
    expect(verification.outcome).toBe('ok');
    if (verification.outcome !== 'ok') return;
    if (provider.account === null) expect(verification.account).toBeNull();
    else {
      expect(verification.account?.id).toBeTruthy();
      expect(verification.account?.label).toBeTruthy();
    }
    expect(await verify()).toEqual(verification);
  });

  it('tells another account of other credentials', async () => {
    if (provider.account === null) return;
    const other = sampleCredentials(provider.id, 'other');
    await sandbox.accept(provider.id, other);
    const [mine, others] = [await verify(), await verify(undefined, other)];
    if (mine.outcome !== 'ok' || others.outcome !== 'ok') throw new Error('both should be accepted');
    expect(others.account?.id).not.toBe(mine.account?.id);
  });

  it('refuses what the service never knew', async () => {
    expect(await verify(undefined, sampleCredentials(provider.id, 'stranger'))).toEqual({
      outcome: 'rejected',
      reason: 'access_revoked',
    });
  });

  it('refuses what was revoked', async () => {
    const gone = sampleCredentials(provider.id, 'gone');
    await sandbox.revoke(await sandbox.accept(provider.id, gone));
    expect(await verify(undefined, gone)).toEqual({ outcome: 'rejected', reason: 'access_revoked' });
  });

  it('refuses what ran out, by its reason where the service tells it', async () => {
    const old = sampleCredentials(provider.id, 'old');
    await sandbox.accept(provider.id, old, { expiresAt: '2020-01-01T00:00:00Z' });
    const told = provider.responseRules.some(({ outcome }) => outcome === 'credentials_expired');
    expect(await verify(undefined, old)).toEqual({
      outcome: 'rejected',
      reason: told ? 'credentials_expired' : 'access_revoked',
    });
  });

  it('knows a missing permission from bad credentials', async () => {
    expect(await whenever('forbidden')).toEqual({ outcome: 'rejected', reason: 'access_changed' });
  });

  it('waits as long as the service asks when rate limited', async () => {
    const verification = await whenever('rate_limited');
    expect(verification.outcome).toBe('rate_limited');
    if (verification.outcome !== 'rate_limited') return;
    expect(verification.retryAfterSeconds).toBeGreaterThanOrEqual(29);
    expect(verification.retryAfterSeconds).toBeLessThanOrEqual(31);
  });

  it.each([
    ['down', 'server_error'],
    ['garbage', 'unexpected_response'],
    ['redirect', 'redirect'],
  ])('takes %s for no refusal', async (mode, cause) => {
    expect(await whenever(mode)).toEqual({ outcome: 'unavailable', cause, retryAfterSeconds: 60 });
  });

  it('gives up on a service that hangs', async () => {
    expect(await whenever('hang', IMPATIENT_MS)).toMatchObject({ outcome: 'unavailable', cause: 'timeout' });
  });

  it('leaves nothing of the credentials in the log of requests or the file', async () => {
    const { readFile } = await import('node:fs/promises');
    const written =
      JSON.stringify(await sandbox.requests(provider.id)) + (await readFile(sandbox.dataFile, 'utf8'));
    expect(written).toContain(provider.id);
    const secrets = provider.auth.fields.filter(({ secret }) => secret).map(({ name }) => fields[name] ?? '');
    for (const secret of secrets) expect(written).not.toContain(secret);
  });
});
