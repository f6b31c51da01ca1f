import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleCredentials, sampleValues } from '../../../local/sandbox/samples.ts';
import { createVerifier } from '../../../shared/adapters/providers/verifier.ts';
import { makeKeptSample } from '../../../shared/catalog/examples.ts';
import { builtInProviders, catalog } from '../../../shared/catalog/index.ts';
import { DEFAULT_WAIT_SECONDS } from '../../../shared/catalog/times.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import { openSandbox } from './sandbox.ts';

/** Deadline of a verification by a sandbox that never responds. */
const SHORT_MS = 60;

/** What a verification is made with: entered credentials, and what was obtained with them. */
const valuesOf = (id: string, name: string) => ({
  ...makeKeptSample(catalog.get(id)?.oauth2?.keep, name, sampleCredentials(id, name)),
  ...sampleCredentials(id, name),
  ...sampleValues(id, name),
});

let sandbox: Awaited<ReturnType<typeof openSandbox>>;
beforeAll(async () => {
  sandbox = await openSandbox();
});
afterAll(() => sandbox.close());

describe.each(builtInProviders().map(({ entry }) => entry))('$id', (provider) => {
  const fields = valuesOf(provider.id, 'one');
  const verify = (timeoutMs?: number, given = fields) =>
    createVerifier({ endpointUrl: sandbox.url, timeoutMs }).verify(provider, new Credentials(given));

  beforeAll(() => sandbox.issue(provider.id, fields));

  const verifyDuring = async (mode: string, timeoutMs?: number) => {
    await sandbox.fault(provider.id, mode);
    try {
      return await verify(timeoutMs);
    } finally {
      await sandbox.fault(provider.id, 'none');
    }
  };

  it('accepts valid credentials, and reads their account', async () => {
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

  it('reads another account from other credentials', async () => {
    if (provider.account === null) return;
    const other = valuesOf(provider.id, 'other');
    await sandbox.issue(provider.id, other);
    const [mine, others] = [await verify(), await verify(undefined, other)];
    if (mine.outcome !== 'ok' || others.outcome !== 'ok') throw new Error('both should be accepted');
    expect(others.account?.id).not.toBe(mine.account?.id);
  });

  it('rejects credentials that were never issued', async () => {
    expect(await verify(undefined, valuesOf(provider.id, 'stranger'))).toEqual({
      outcome: 'rejected',
      reason: 'access_revoked',
    });
  });

  it('rejects revoked credentials', async () => {
    const revoked = valuesOf(provider.id, 'revoked');
    await sandbox.revoke(await sandbox.issue(provider.id, revoked));
    expect(await verify(undefined, revoked)).toEqual({ outcome: 'rejected', reason: 'access_revoked' });
  });

  it('rejects expired credentials, by that reason where the service names it', async () => {
    const expired = valuesOf(provider.id, 'expired');
    await sandbox.issue(provider.id, expired, { expiresAt: '2020-01-01T00:00:00Z' });
    const isNamed = provider.responseRules.some(({ outcome }) => outcome === 'credentials_expired');
    expect(await verify(undefined, expired)).toEqual({
      outcome: 'rejected',
      reason: isNamed ? 'credentials_expired' : 'access_revoked',
    });
  });

  it('distinguishes a missing permission from bad credentials', async () => {
    expect(await verifyDuring('forbidden')).toEqual({ outcome: 'rejected', reason: 'access_changed' });
  });

  it('waits as long as the service asks for when rate limited', async () => {
    const verification = await verifyDuring('rate_limited');
    expect(verification.outcome).toBe('rate_limited');
    if (verification.outcome !== 'rate_limited') return;
    // Services that document no wait are given the default.
    const limited = provider.examples.filter(({ situations }) => situations.includes('rate_limited'));
    const seconds = JSON.stringify(limited[0]).includes('{retry.') ? 30 : DEFAULT_WAIT_SECONDS;
    expect(verification.retryAfterSeconds).toBeGreaterThanOrEqual(seconds - 1);
    expect(verification.retryAfterSeconds).toBeLessThanOrEqual(seconds + 1);
  });

  it.each([
    ['down', 'server_error'],
    ['garbage', 'unexpected_response'],
    ['redirect', 'redirect'],
  ])('takes %s for no refusal', async (mode, cause) => {
    expect(await verifyDuring(mode)).toEqual({ outcome: 'unavailable', cause, retryAfterSeconds: 60 });
  });

  it('gives up on a service that hangs', async () => {
    expect(await verifyDuring('hang', SHORT_MS)).toMatchObject({ outcome: 'unavailable', cause: 'timeout' });
  });

  it('leaves nothing of the credentials in the request log or the data file', async () => {
    const written =
      JSON.stringify(await sandbox.requests(provider.id)) + (await readFile(sandbox.dataFile, 'utf8'));
    expect(written).toContain(provider.id);
    const secrets = provider.auth.fields.filter(({ secret }) => secret).map(({ name }) => fields[name] ?? '');
    for (const secret of secrets) expect(written).not.toContain(secret);
  });
});
