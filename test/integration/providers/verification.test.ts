import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sampleCredentials, sampleValues } from '../../../local/sandbox/samples.ts';
import { createVerifier } from '../../../shared/adapters/providers/verifier.ts';
import { makeKeptSample } from '../../../shared/catalog/examples.ts';
import { builtInProviders } from '../../../shared/catalog/index.ts';
import type { ProviderEntry } from '../../../shared/catalog/schema.ts';
import { DEFAULT_WAIT_SECONDS } from '../../../shared/catalog/times.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import type { Verification } from '../../../shared/domain/credentials/verification.ts';
import { inParallel } from '../../harness/in-parallel.ts';
import { openSandbox } from './sandbox.ts';

/** Each test verifies every provider, in one sandbox; a failure shows the ids of those that differ. */
const providers = builtInProviders().map(({ entry }) => entry);

/** Deadline of a verification by a sandbox that never responds. */
const SHORT_MS = 60;
/** Verifications at the same time. */
const CONCURRENCY = 16;

/** Arguments of a verification: entered credentials, and those that were obtained with them. */
const valuesOf = ({ id, oauth2 }: ProviderEntry, name: string) => ({
  ...makeKeptSample(oauth2?.keep, name, sampleCredentials(id, name)),
  ...sampleCredentials(id, name),
  ...sampleValues(id, name),
});

let sandbox: Awaited<ReturnType<typeof openSandbox>>;
beforeAll(async () => {
  sandbox = await openSandbox();
  const issue = (name: string, more: object = {}) =>
    sandbox.issueAll(
      providers.map((entry) => ({ provider: entry.id, credentials: valuesOf(entry, name), ...more })),
    );
  await issue('one');
  await issue('other');
  await issue('expired', { expiresAt: '2020-01-01T00:00:00Z' });
  for (const id of await issue('revoked')) await sandbox.revoke(id);
});
afterAll(() => sandbox.close());

/** Verifies credentials of every provider, and returns the results by provider. */
async function verifyAll(name = 'one', timeoutMs?: number): Promise<Readonly<Record<string, Verification>>> {
  const { verify } = createVerifier({ endpointUrl: sandbox.url, timeoutMs });
  const results = await inParallel(
    providers,
    CONCURRENCY,
    async (entry) => [entry.id, await verify(entry, new Credentials(valuesOf(entry, name)))] as const,
  );
  return Object.fromEntries(results);
}

async function verifyAllDuring(mode: string, timeoutMs?: number) {
  await sandbox.faultOfAll(mode);
  try {
    return await verifyAll('one', timeoutMs);
  } finally {
    await sandbox.faultOfAll('none');
  }
}

/** Expectations of each provider. */
const ofEach = (expected: (entry: ProviderEntry) => unknown) =>
  Object.fromEntries(providers.map((entry) => [entry.id, expected(entry)]));

const text = expect.stringMatching(/./);

it('accepts valid credentials, and reads their account', async () => {
  const verifications = await verifyAll();
  expect(verifications).toEqual(
    ofEach(({ account }) => ({
      outcome: 'ok',
      account: account && { id: text, label: text },
      expiresAt: null,
    })),
  );
  expect(await verifyAll()).toEqual(verifications);
});

it('reads another account from other credentials', async () => {
  const [mine, others] = [await verifyAll(), await verifyAll('other')];
  const accountId = (verification?: Verification) =>
    verification?.outcome === 'ok' ? verification.account?.id : 'not accepted';
  const isAnother = (id: string) => accountId(mine[id]) !== accountId(others[id]);
  expect(ofEach(({ id }) => isAnother(id))).toEqual(ofEach(({ account }) => account !== null));
});

it.each(['stranger', 'revoked'])('rejects credentials that are %s', async (name) => {
  const rejected = { outcome: 'rejected', reason: 'access_revoked' };
  expect(await verifyAll(name)).toEqual(ofEach(() => rejected));
});

it('rejects expired credentials, by that reason where the service names it', async () => {
  const reasonOf = ({ responseRules }: ProviderEntry) =>
    responseRules.some(({ outcome }) => outcome === 'credentials_expired')
      ? 'credentials_expired'
      : 'access_revoked';
  expect(await verifyAll('expired')).toEqual(
    ofEach((entry) => ({ outcome: 'rejected', reason: reasonOf(entry) })),
  );
});

it('distinguishes a missing permission from bad credentials, where the service documents it', async () => {
  const changed = { outcome: 'rejected', reason: 'access_changed' };
  const noVerdict = { outcome: 'unavailable', cause: 'unexpected_response', retryAfterSeconds: 60 };
  expect(await verifyAllDuring('forbidden')).toEqual(
    ofEach(({ undocumented }) => (undocumented?.includes('forbidden') ? noVerdict : changed)),
  );
});

it('waits as long as the service asks for when rate limited', async () => {
  // Services that document no wait are given the default.
  const secondsOf = ({ examples }: ProviderEntry) =>
    JSON.stringify(examples.find(({ situations }) => situations.includes('rate_limited'))).includes('{retry.')
      ? 30
      : DEFAULT_WAIT_SECONDS;
  expect(await verifyAllDuring('rate_limited')).toEqual(
    ofEach((entry) => ({
      outcome: 'rate_limited',
      retryAfterSeconds: expect.closeTo(secondsOf(entry), -0.5),
    })),
  );
});

it.each([
  ['down', 'server_error'],
  ['garbage', 'unexpected_response'],
  ['redirect', 'redirect'],
])('takes %s for no refusal', async (mode, cause) => {
  const unavailable = { outcome: 'unavailable', cause, retryAfterSeconds: 60 };
  // Of a service that a user names, the status is all that is known.
  const isAccepted = ({ responseRules }: ProviderEntry) =>
    mode === 'garbage' && responseRules.some(({ statusFrom }) => statusFrom !== undefined);
  const accepted = expect.objectContaining({ outcome: 'ok' });
  expect(await verifyAllDuring(mode)).toEqual(
    ofEach((entry) => (isAccepted(entry) ? accepted : unavailable)),
  );
});

it('gives up on a service that hangs', async () => {
  const unavailable = { outcome: 'unavailable', cause: 'timeout', retryAfterSeconds: 60 };
  expect(await verifyAllDuring('hang', SHORT_MS)).toEqual(ofEach(() => unavailable));
});

it('leaves nothing of the credentials in the request log or the data files', async () => {
  const requests = await (await sandbox.call('GET', 'requests')).text();
  // SQLite appends changes to a file of its own first.
  const files = await Promise.all(['', '-wal'].map((end) => readFile(sandbox.dataFile + end, 'utf8')));
  const written = requests + files.join('');
  for (const entry of providers) {
    expect(written).toContain(entry.id);
    const secrets = entry.auth.fields.filter(({ secret }) => secret).map(({ name }) => name);
    const values: Readonly<Record<string, string>> = valuesOf(entry, 'one');
    for (const name of [...secrets, 'accessToken']) {
      if (values[name] !== undefined) expect(written).not.toContain(values[name]);
    }
  }
});
