import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVerifier } from '../../../shared/adapters/providers/verifier.ts';
import { makeSample } from '../../../shared/catalog/examples.ts';
import { builtInProviders, catalog } from '../../../shared/catalog/index.ts';
import type { ProviderEntry } from '../../../shared/catalog/schema.ts';
import { enteredCredentials, type VerifyPorts } from '../../../shared/domain/credentials/accept.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import type { Sealer } from '../../../shared/domain/credentials/sealer.ts';
import { openAccessToken } from '../../../shared/domain/credentials/tokens.ts';
import { serviceAccountKey } from '../../harness/service-account-key.ts';
import { openAdapter } from './oauth-adapter.ts';

const OWNER = { projectId: 'p1', connectionId: 'c1', version: 'v1' };

/** Seals by writing the context beside the text. */
const sealer: Sealer = {
  seal: (text, context) => Promise.resolve(JSON.stringify([text, context])),
  open(sealed, context) {
    const [text, own]: [string, object] = JSON.parse(sealed);
    return Promise.resolve(JSON.stringify(own) === JSON.stringify(context) ? text : undefined);
  },
};

let sandbox: Awaited<ReturnType<typeof openAdapter>>;
let ports: VerifyPorts;
beforeAll(async () => {
  sandbox = await openAdapter();
  ports = {
    verifier: createVerifier({ endpointUrl: sandbox.url }),
    oauthProvider: sandbox.adapter,
    oauthClients: { find: () => Promise.resolve(undefined) },
    sealer,
    clock: { now: () => new Date() },
  };
});
afterAll(() => sandbox.close());

const CLIENT_SECRET = 'CANARY-client-secret';

/** Credentials as a user would enter them, by the entry's fields. */
function enteredFor({ auth }: Pick<ProviderEntry, 'auth'>): Readonly<Record<string, string>> {
  const sample = makeSample(auth.fields, 'robot');
  return {
    ...sample,
    ...(sample.clientSecret !== undefined && { clientSecret: CLIENT_SECRET }),
    ...(sample.serviceAccountKey !== undefined && { serviceAccountKey: serviceAccountKey('robot') }),
  };
}

const entries = builtInProviders()
  .map(({ entry }) => entry)
  .filter(({ auth, oauth2 }) => oauth2 !== undefined && auth.type !== 'oauth2');

describe.each(entries)('credentials that a user enters for $id', ({ id, ...entry }) => {
  const entered = enteredFor(entry);
  const providerOf = () => {
    const provider = catalog.get(id);
    if (provider === undefined) throw new Error(`no provider ${id}`);
    return provider;
  };
  const source = (fields = entered) => enteredCredentials({ credentials: new Credentials(fields) }, ports);

  it('are stored as they are, with a sealed access token that holds none of them', async () => {
    await sandbox.issue(id, entered);
    source().precheck(providerOf());
    const { credentials, accessToken, verified } = await source().verify(providerOf(), OWNER);
    expect(credentials.reveal()).toEqual(entered);
    expect(verified).toMatchObject({ account: { id: expect.any(String) }, expiresAt: null });
    if (accessToken === null) throw new Error('there should be an access token');
    expect(Date.parse(accessToken.expiresAt ?? '')).toBeGreaterThan(Date.now());
    const values = await openAccessToken(accessToken, OWNER, ports);
    const { accessToken: token, tokenType, ...others } = values ?? {};
    expect([token, tokenType]).toEqual([expect.any(String), 'Bearer']);
    for (const name of ['clientId', 'clientSecret', 'serviceAccountKey'])
      expect(others).not.toHaveProperty(name);
    expect(accessToken.sealed).not.toContain('CANARY');
  });

  it('are refused when they are unknown, by an error without them', async () => {
    const stranger = Object.fromEntries(
      Object.entries(entered).map(([name, value]) => [name, value.replace('robot', 'stranger')]),
    );
    const error: unknown = await source(stranger)
      .verify(providerOf(), OWNER)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ problem: { code: 'credentials_rejected' } });
    const shown = `${error} ${JSON.stringify(error)}`;
    for (const value of Object.values(stranger)) expect(shown).not.toContain(value);
  });

  it('are refused before any request when they do not look like it, without being repeated', () => {
    const wrong = Object.fromEntries(Object.keys(entered).map((name) => [name, '!CANARY']));
    const precheck = () => source(wrong).precheck(providerOf());
    expect(precheck).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'invalid_request' }) }),
    );
    try {
      precheck();
    } catch (error) {
      expect(JSON.stringify(error) + String(error)).not.toContain('CANARY');
    }
  });
});
