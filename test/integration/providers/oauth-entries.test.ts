import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVerifier } from '../../../shared/adapters/providers/verifier.ts';
import { builtInProviders } from '../../../shared/catalog/index.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import type { OAuthParty } from '../../../shared/domain/credentials/oauth.ts';
import { requireScopes, toAccessValues } from '../../../shared/domain/credentials/tokens.ts';
import { serviceAccountKey } from '../../harness/service-account-key.ts';
import { issued, openAdapter, partyAfter, partyOf, valuesOf } from './oauth-adapter.ts';

let sandbox: Awaited<ReturnType<typeof openAdapter>>;
beforeAll(async () => {
  sandbox = await openAdapter();
});
afterAll(() => sandbox.close());

const entries = builtInProviders()
  .map(({ entry }) => entry)
  // The address of a discovered server is in no entry: discovery.test.ts.
  .filter(({ oauth2 }) => oauth2 && !oauth2.discovery);

const verify = ({ provider }: OAuthParty, values: Readonly<Record<string, string>>) =>
  createVerifier({ endpointUrl: sandbox.url }).verify(provider, new Credentials(values));

describe.each(entries.filter(({ auth }) => auth.type === 'oauth2'))('$id', (provider) => {
  const { refresh, revocation, longLived, keep = {} } = provider.oauth2 ?? {};
  const party = partyOf(provider);
  const lastGrant = async () => (await sandbox.grants(provider.id)).at(-1);

  it('is authorized, and its tokens work', async () => {
    const tokens = await sandbox.connect(party);
    expect(tokens.refreshToken !== undefined).toBe(refresh !== undefined);
    expect(Object.keys(tokens.kept).toSorted()).toEqual(Object.keys(keep).toSorted());
    expect(() => requireScopes(provider, tokens)).not.toThrow();
    const verification = await verify(party, valuesOf(party, tokens));
    expect(verification).toMatchObject({ outcome: 'ok' });
    // A scheduled check has nothing but these.
    const accessValues = toAccessValues(provider, tokens, party.fields);
    expect(await verify(party, accessValues)).toMatchObject({ outcome: 'ok' });
  });

  it('does not accept a code twice, nor one of another client', async () => {
    const callback = await sandbox.authorize(party);
    const other = { ...party, client: { clientId: 'other', clientSecret: 'other' } };
    expect(await sandbox.exchange(other, callback)).toMatchObject({ outcome: 'rejected' });
    issued(await sandbox.exchange(party, callback));
    expect(await sandbox.exchange(party, callback)).toMatchObject({ outcome: 'rejected' });
  });

  it('says when the platform is set up wrongly, which refuses no credentials', async () => {
    const callback = await sandbox.authorize(party);
    await sandbox.settings(provider.id, { mode: 'invalid_client' });
    // A project's own client is refused like any other credentials.
    const outcome = provider.oauth2?.client === undefined ? 'rejected' : 'misconfigured';
    expect(await sandbox.exchange(party, callback)).toMatchObject({ outcome });
    await sandbox.settings(provider.id, {});
  });

  it('renews its tokens ten times, where it issues refresh tokens', async () => {
    if (refresh === undefined) return;
    let tokens = await sandbox.connect(party);
    for (let count = 1; count <= 10; count++) {
      const before = partyAfter(party, tokens);
      const renewed = issued(await sandbox.adapter.renew(before));
      expect(renewed.accessToken).not.toBe(tokens.accessToken);
      expect(renewed.refreshToken !== undefined).toBe(refresh.rotation === 'each');
      tokens = {
        ...tokens,
        ...renewed,
        refreshToken: renewed.refreshToken ?? tokens.refreshToken,
        kept: { ...tokens.kept, ...renewed.kept },
      };
    }
    expect(await verify(party, valuesOf(party, tokens))).toMatchObject({ outcome: 'ok' });
    expect(await lastGrant()).toMatchObject({ refreshed: 10, alive: true });
  });

  it('refuses to renew what the user revoked', async () => {
    const tokens = await sandbox.connect(party);
    const grant = await lastGrant();
    await sandbox.call('DELETE', `grants/${grant?.id}`);
    expect(await verify(party, valuesOf(party, tokens))).toMatchObject({ outcome: 'rejected' });
    if (refresh === undefined) return;
    expect(await sandbox.adapter.renew(partyAfter(party, tokens))).toMatchObject({ outcome: 'rejected' });
  });

  it('revokes, where it has an endpoint', async () => {
    const tokens = await sandbox.connect(party);
    expect(await sandbox.adapter.revoke(partyAfter(party, tokens), tokens)).toBe(true);
    expect(await lastGrant()).toMatchObject({ alive: revocation === undefined });
  });

  it('reports the end of its refresh tokens, where it documents that', async () => {
    await sandbox.settings(provider.id, { refreshTokenSeconds: 86_400 });
    const { refreshTokenSeconds } = await sandbox.connect(party);
    expect(refreshTokenSeconds).toBe(refresh?.seconds === undefined ? null : 86_400);
    await sandbox.settings(provider.id, {});
  });

  it('ends a long-lived token, where it cannot be renewed', async () => {
    if (longLived === undefined) return;
    const { expiresInSeconds } = await sandbox.connect(party);
    expect(expiresInSeconds).toBe(60 * 86_400);
  });
});

describe.each(entries.filter(({ auth }) => auth.type !== 'oauth2'))('$id', (provider) => {
  const isServiceAccount = provider.auth.type === 'service_account';
  const partyNamed = (name: string): OAuthParty => {
    const { fields } = partyOf(provider);
    const own = Object.entries(fields).map(([field, value]) => [field, value.replace('one', name)]);
    const key = isServiceAccount ? { serviceAccountKey: serviceAccountKey(name) } : {};
    const entered: Readonly<Record<string, string>> = { ...Object.fromEntries(own), ...key };
    const { clientId = '', clientSecret = '' } = entered;
    return { provider, client: { clientId, clientSecret }, fields: entered };
  };
  const issue = (name: string, more: object = {}) =>
    sandbox.issue(provider.id, partyNamed(name).fields, more);

  it('issues tokens that work, again and again, for credentials that it issued', async () => {
    await issue('valid');
    const party = partyNamed('valid');
    for (let count = 1; count <= 3; count++) {
      const tokens = issued(await sandbox.adapter.renew(party));
      expect(tokens).toMatchObject({ refreshToken: undefined, expiresInSeconds: expect.any(Number) });
      expect(await verify(party, valuesOf(party, tokens))).toMatchObject({ outcome: 'ok' });
    }
  });

  it('belongs to another account with other credentials', async () => {
    const accounts = [];
    for (const name of ['first', 'second']) {
      await issue(name);
      const party = partyNamed(name);
      const verification = await verify(party, valuesOf(party, issued(await sandbox.adapter.renew(party))));
      if (verification.outcome === 'ok') accounts.push(verification.account?.id);
    }
    if (provider.account !== null) expect(new Set(accounts).size).toBe(2);
  });

  it('refuses credentials that are unknown, revoked or expired', async () => {
    await sandbox.revoke(await issue('revoked'));
    await issue('expired', { expiresAt: '2020-01-01T00:00:00Z' });
    for (const name of ['stranger', 'revoked', 'expired']) {
      expect(await sandbox.adapter.renew(partyNamed(name))).toMatchObject({ outcome: 'rejected' });
    }
  });

  it('takes an endpoint that is down for no refusal', async () => {
    await issue('waiting');
    await sandbox.settings(provider.id, { mode: 'down' });
    expect(await sandbox.adapter.renew(partyNamed('waiting'))).toMatchObject({ outcome: 'unavailable' });
    await sandbox.settings(provider.id, {});
    issued(await sandbox.adapter.renew(partyNamed('waiting')));
  });
});
