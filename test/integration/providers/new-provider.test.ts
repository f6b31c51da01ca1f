import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSandbox } from '../../../local/sandbox/server.ts';
import { openCatalog } from '../../../shared/adapters/catalog/files.ts';
import { createVerifier } from '../../../shared/adapters/providers/verifier.ts';
import { BUILT_IN_PROVIDERS, compileInto } from '../../../shared/catalog/compile.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import { providerEntry, writeProviders } from '../../harness/provider-entry.ts';
import { openSandbox } from './sandbox.ts';

const scratch = mkdtempSync(join(tmpdir(), 'new-provider-'));
const own = join(scratch, 'own');
const out = join(scratch, 'catalog');

/** Two providers at one host, which differ in where they take the key. */
const keyInQuery = {
  ...providerEntry({ id: 'acme-query', baseUrl: 'https://api.acme.example' }),
  send: { query: { key: '{token}' } },
};

let sandbox: Awaited<ReturnType<typeof openSandbox>>;
beforeAll(async () => {
  writeProviders(own, [providerEntry(), keyInQuery]);
  compileInto(out, [BUILT_IN_PROVIDERS, own]);
  sandbox = await openSandbox([BUILT_IN_PROVIDERS, own]);
});
afterAll(async () => {
  await sandbox.close();
  rmSync(scratch, { recursive: true });
});

function verify(id: string, token: string, endpointUrl = sandbox.url) {
  const provider = openCatalog(out).get(id);
  if (provider === undefined) throw new Error(`no ${id}`);
  return createVerifier({ endpointUrl }).verify(provider, new Credentials({ token }));
}

describe('a provider that was removed', () => {
  it('leaves its issued credentials behind, which disturb no other provider', async () => {
    const token = 'sample-token-left';
    await sandbox.issue('acme', { token });
    await sandbox.issue('github', { token });
    const next = await startSandbox({ dataFile: sandbox.dataFile });
    expect((await fetch(`${next.url}/api.acme.example/me`)).status).toBe(404);
    expect(await verify('github', token, next.url)).toMatchObject({ outcome: 'ok' });
    await next.close();
  });
});

describe('a provider that is one JSON file and one icon', () => {
  it('accepts credentials, with their account and expiry', async () => {
    const account = { id: '7', label: 'bookings@example.com' };
    await sandbox.issue('acme', { token: 'valid' }, { account, expiresAt: '2099-01-02T03:04:05Z' });
    expect(await verify('acme', 'valid')).toEqual({
      outcome: 'ok',
      account,
      expiresAt: '2099-01-02T03:04:05.000Z',
    });
  });

  it('rejects credentials that are unknown, revoked, expired or no longer allowed', async () => {
    expect(await verify('acme', 'unknown')).toEqual({ outcome: 'rejected', reason: 'access_revoked' });
    const id = await sandbox.issue('acme', { token: 'revoked' });
    expect(await verify('acme', 'revoked')).toMatchObject({ outcome: 'ok' });
    await sandbox.revoke(id);
    expect(await verify('acme', 'revoked')).toEqual({ outcome: 'rejected', reason: 'access_revoked' });
    await sandbox.issue('acme', { token: 'expired' }, { expiresAt: '2020-01-01T00:00:00Z' });
    expect(await verify('acme', 'expired')).toEqual({ outcome: 'rejected', reason: 'credentials_expired' });
    await sandbox.issue('acme', { token: 'valid' });
    await sandbox.fault('acme', 'forbidden');
    expect(await verify('acme', 'valid')).toEqual({ outcome: 'rejected', reason: 'access_changed' });
    await sandbox.fault('acme', 'none');
  });

  it('is waited for when it limits the rate', async () => {
    await sandbox.issue('acme', { token: 'valid' });
    await sandbox.fault('acme', 'rate_limited');
    const limited = await verify('acme', 'valid');
    await sandbox.fault('acme', 'none');
    expect(limited).toMatchObject({ outcome: 'rate_limited' });
    expect(limited).toHaveProperty('retryAfterSeconds', expect.closeTo(30, -0.5));
  });

  it('can share its host with another one', async () => {
    await sandbox.issue('acme', { token: 'header' });
    await sandbox.issue('acme-query', { token: 'query' });
    expect(await verify('acme', 'header')).toMatchObject({ outcome: 'ok' });
    expect(await verify('acme-query', 'query')).toMatchObject({ outcome: 'ok' });
    expect(await verify('acme-query', 'header')).toMatchObject({ outcome: 'rejected' });
    expect((await sandbox.requests('acme-query')).at(0)).toMatchObject({ outcome: 'ok' });
  });

  it('stands beside the built-in ones', async () => {
    const token = 'sample-token-one';
    await sandbox.issue('github', { token });
    expect(await verify('github', token)).toMatchObject({ outcome: 'ok' });
  });
});
