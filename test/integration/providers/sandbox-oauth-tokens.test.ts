import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import { startSandbox } from '../../../local/sandbox/server.ts';
import {
  CLIENT,
  codeRequest,
  openOAuthSandbox,
  PLAIN_AUTHORIZE,
  PLAIN_REQUEST,
  QUIRKY_HEADERS,
  REDIRECT_URI,
  refreshRequest,
  tokensOf,
} from './sandbox-oauth-client.ts';

const PLAIN_TOKEN = 'accounts.plain.example/oauth/token';
const INVALID_GRANT = { status: 400, json: { error: 'invalid_grant' } };

let sandbox: Awaited<ReturnType<typeof openOAuthSandbox>>;
beforeAll(async () => {
  sandbox = await openOAuthSandbox();
});
afterAll(() => sandbox.close());
afterEach(async () => {
  vi.useRealTimers();
  await sandbox.settings('plain', {});
  await sandbox.settings('quirky', {});
});

/** Moves the clock of the sandbox, which runs in this process. */
function pass(seconds: number) {
  const now = Date.now();
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(now + seconds * 1_000);
}

const me = (access: string) => sandbox.me('api.plain.example', access);
const lastGrant = async (provider: string) => (await sandbox.grants(provider)).at(-1);
async function plainCode() {
  const { code = '' } = await sandbox.consent('plain', PLAIN_AUTHORIZE, PLAIN_REQUEST);
  return code;
}

describe('a code', () => {
  it('is exchanged for tokens, with the scopes in the form of the entry', async () => {
    const { tokens } = await sandbox.connectPlain();
    expect(tokens).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: expect.any(String),
      scope: 'calendar https://plain.example/email',
    });
  });

  it('that is used again ends its grant', async () => {
    const { code, access, refresh } = await sandbox.connectPlain();
    expect(await sandbox.plainToken(codeRequest(code))).toMatchObject(INVALID_GRANT);
    expect((await me(access)).status).toBe(401);
    expect(await sandbox.plainToken(refreshRequest(refresh))).toMatchObject(INVALID_GRANT);
  });

  it.each([
    ['another verifier', { code_verifier: 'another-verifier-another-verifier-another-1' }],
    ['no verifier', { code_verifier: '' }],
    ['another redirect URI', { redirect_uri: 'http://127.0.0.1:9/other' }],
    ['another client', { client_id: 'other' }],
  ])('with %s is refused, and stays usable', async (_, change) => {
    const code = await plainCode();
    expect(await sandbox.plainToken({ ...codeRequest(code), ...change })).toMatchObject(INVALID_GRANT);
    expect(await sandbox.plainToken(codeRequest(code))).toMatchObject({ status: 200 });
  });

  it('of a request without a challenge is refused with a verifier', async () => {
    const { code = '' } = await sandbox.consent('quirky', 'quirky.example/oauth/v2/authorize', {
      client_id: CLIENT.client_id,
      response_type: 'code',
      redirect_uri: REDIRECT_URI,
      user_scope: 'read',
    });
    const { json } = await sandbox.quirkyToken(codeRequest(code));
    expect(json).toMatchObject({ ok: false, error: 'invalid_grant' });
  });

  it('ends after ten minutes', async () => {
    const code = await plainCode();
    pass(601);
    expect(await sandbox.plainToken(codeRequest(code))).toMatchObject(INVALID_GRANT);
  });
});

describe('an OAuth client', () => {
  it.each([
    ['no secret', { client_id: 'platform' }, {}, 401, 'invalid_client'],
    ['Basic where the body is documented', { client_id: 'platform' }, QUIRKY_HEADERS, 401, 'invalid_client'],
    ['both methods', CLIENT, QUIRKY_HEADERS, 400, 'invalid_request'],
  ])('with %s is refused', async (_, client, { authorization }: Record<string, string>, status, error) => {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await sandbox.postForm(PLAIN_TOKEN, { ...client, ...codeRequest('any') }, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error });
  });

  it('with its secret in the body is refused where Basic is documented', async () => {
    const { authorization: _, ...headers } = QUIRKY_HEADERS;
    const { json } = await sandbox.quirkyToken({ ...CLIENT, ...refreshRequest('any') }, headers);
    expect(json).toMatchObject({ ok: false, error: 'invalid_client' });
  });

  it.each([
    ['a form', { ...QUIRKY_HEADERS, 'content-type': 'application/x-www-form-urlencoded' }],
    ['no documented header', { ...QUIRKY_HEADERS, 'quirky-version': '1' }],
  ])('that sends %s is refused where the entry documents otherwise', async (_, headers) => {
    const { json } = await sandbox.quirkyToken(refreshRequest('any'), headers);
    expect(json).toMatchObject({ ok: false, error: 'invalid_request' });
  });

  it('may send only the documented grants', async () => {
    expect(await sandbox.plainToken({ grant_type: 'password' })).toMatchObject({
      status: 400,
      json: { error: 'unsupported_grant_type' },
    });
  });
});

describe('a refresh without rotation', () => {
  it('returns another access token and keeps the refresh token', async () => {
    const { access, refresh } = await sandbox.connectPlain();
    for (let count = 1; count <= 10; count++) {
      const { json } = await sandbox.plainToken(refreshRequest(refresh));
      expect(json).not.toHaveProperty('refresh_token');
      expect(json.access_token).not.toBe(access);
      expect((await me(String(json.access_token))).status).toBe(200);
    }
    expect(await lastGrant('plain')).toMatchObject({ refreshed: 10, alive: true });
  });

  it('renews a refresh token that ends unused', async () => {
    const { refresh } = await sandbox.connectPlain();
    pass(179 * 86_400);
    expect(await sandbox.plainToken(refreshRequest(refresh))).toMatchObject({ status: 200 });
    pass(179 * 86_400);
    expect(await sandbox.plainToken(refreshRequest(refresh))).toMatchObject({ status: 200 });
    pass(181 * 86_400);
    expect(await sandbox.plainToken(refreshRequest(refresh))).toMatchObject(INVALID_GRANT);
    expect(await lastGrant('plain')).toMatchObject({ alive: false });
  });

  it('with the token of another client is refused', async () => {
    const { refresh } = await sandbox.connectPlain();
    const other = { ...refreshRequest(refresh), client_id: 'other' };
    expect(await sandbox.plainToken(other)).toMatchObject(INVALID_GRANT);
  });
});

describe('a refresh with rotation', () => {
  const refreshed = async (token: string) => {
    const { json } = await sandbox.quirkyToken(refreshRequest(token));
    return json.ok === true ? tokensOf(json) : String(json.error);
  };

  it('returns nested tokens, with a refresh token that replaces the old one', async () => {
    const { refresh } = await sandbox.connectQuirky();
    const next = await refreshed(refresh);
    expect(next).toMatchObject({ tokens: { scope: 'read,write', expires_at: expect.any(String) } });
    expect(next).not.toMatchObject({ refresh });
  });

  it('needs the documented endpoint and parameters', async () => {
    const { refresh } = await sandbox.connectQuirky();
    const { json } = await sandbox.quirkyToken({
      ...refreshRequest(refresh),
      redirect_uri: 'https://other.example',
    });
    expect(json).toMatchObject({ ok: false, error: 'invalid_grant' });
    const response = await fetch(`${sandbox.url}/quirky.example/api/oauth.access`, {
      method: 'POST',
      headers: QUIRKY_HEADERS,
      body: JSON.stringify({ ...refreshRequest(refresh), redirect_uri: REDIRECT_URI }),
    });
    expect(await response.json()).toMatchObject({ ok: false, error: 'unsupported_grant_type' });
    expect(await refreshed(refresh)).toHaveProperty('refresh');
  });

  it('answers a replaced token again within the grace', async () => {
    const { refresh } = await sandbox.connectQuirky();
    const first = await refreshed(refresh);
    pass(59);
    const second = await refreshed(refresh);
    if (typeof first === 'string' || typeof second === 'string') throw new Error('both should be answered');
    expect(await refreshed(first.refresh)).toHaveProperty('refresh');
    expect(await refreshed(second.refresh)).toHaveProperty('refresh');
  });

  it('ends the grant when a replaced token is used after the grace', async () => {
    const { refresh } = await sandbox.connectQuirky();
    const next = await refreshed(refresh);
    if (typeof next === 'string') throw new Error(next);
    pass(60);
    expect(await refreshed(refresh)).toBe('invalid_grant');
    expect(await refreshed(next.refresh)).toBe('invalid_grant');
    expect((await sandbox.me('api.quirky.example', next.access)).status).toBe(401);
    expect(await lastGrant('quirky')).toMatchObject({ refreshed: 1, alive: false });
  });

  it('does not go beyond the documented end of the grant', async () => {
    let { refresh } = await sandbox.connectQuirky();
    pass(99 * 86_400);
    const next = await refreshed(refresh);
    if (typeof next === 'string') throw new Error(next);
    refresh = next.refresh;
    pass(2 * 86_400);
    expect(await refreshed(refresh)).toBe('invalid_grant');
  });
});

describe('the settings of a token endpoint', () => {
  it('replace the lifetimes and the rotation of the entry', async () => {
    await sandbox.settings('plain', { accessTokenSeconds: 5, rotation: 'each', refreshTokenSeconds: 10 });
    const { access, refresh, tokens } = await sandbox.connectPlain();
    expect(tokens.expires_in).toBe(5);
    expect((await me(access)).status).toBe(200);
    pass(6);
    expect((await me(access)).json).toEqual({ error: 'expired' });
    const { json } = await sandbox.plainToken(refreshRequest(refresh));
    expect(json.refresh_token).toEqual(expect.any(String));
    expect(await sandbox.plainToken(refreshRequest(refresh))).toMatchObject(INVALID_GRANT);
  });

  it('can end refresh tokens', async () => {
    await sandbox.settings('plain', { refreshTokenSeconds: 10 });
    const { refresh } = await sandbox.connectPlain();
    pass(11);
    expect(await sandbox.plainToken(refreshRequest(refresh))).toMatchObject(INVALID_GRANT);
  });

  it('can remove the grace', async () => {
    await sandbox.settings('quirky', { graceSeconds: 0 });
    const { refresh } = await sandbox.connectQuirky();
    await sandbox.quirkyToken(refreshRequest(refresh));
    const { json } = await sandbox.quirkyToken(refreshRequest(refresh));
    expect(json).toMatchObject({ ok: false, error: 'invalid_grant' });
  });

  it.each([
    ['down', 503],
    ['garbage', 200],
    ['rate_limited', 429],
    ['invalid_client', 401],
  ])('inject %s, which leaves the API and the tokens alone', async (mode, status) => {
    const { access, refresh } = await sandbox.connectPlain();
    await sandbox.settings('plain', { mode });
    const response = await sandbox.postForm(PLAIN_TOKEN, { ...CLIENT, ...refreshRequest(refresh) });
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe(mode === 'rate_limited' ? '30' : null);
    const isJson = response.headers.get('content-type') === 'application/json';
    expect(isJson).toBe(mode === 'rate_limited' || mode === 'invalid_client');
    expect((await sandbox.requests('plain')).at(-1)).toMatchObject({ path: '/oauth/token', outcome: mode });
    expect((await me(access)).status).toBe(200);
    await sandbox.settings('plain', { mode: 'none' });
    expect(await sandbox.plainToken(refreshRequest(refresh))).toMatchObject({ status: 200 });
  });

  it('inject a slow response to a request that was processed', async () => {
    const { refresh } = await sandbox.connectPlain();
    await sandbox.settings('plain', { mode: 'slow' });
    const response = sandbox.plainToken(refreshRequest(refresh));
    await vi.waitFor(async () => expect(await lastGrant('plain')).toMatchObject({ refreshed: 1 }));
    expect(await response).toMatchObject({ status: 200 });
  });

  it.each([
    ['nobody', {}, 404],
    ['plain', { mode: 'hang' }, 400],
    ['plain', { accessTokenSeconds: -1 }, 400],
  ])('of %s are refused as %j with %d', async (provider, settings, status) => {
    expect((await sandbox.settings(provider, settings)).status).toBe(status);
  });
});

describe('an access token', () => {
  it('is forbidden the API without a required scope', async () => {
    const { access, tokens } = await sandbox.connectPlain({ scopes: ['email'] });
    expect(tokens.scope).toBe('https://plain.example/email');
    expect(await me(access)).toEqual({ status: 403, json: { error: 'plan' } });
  });

  it('of a grant that was revoked by the control is refused', async () => {
    const { access, refresh } = await sandbox.connectPlain();
    const grant = await lastGrant('plain');
    expect((await sandbox.call('DELETE', `grants/${grant?.id}`)).status).toBe(204);
    expect((await sandbox.call('DELETE', 'grants/none')).status).toBe(404);
    expect(await me(access)).toEqual({ status: 401, json: { error: 'invalid' } });
    expect(await sandbox.plainToken(refreshRequest(refresh))).toMatchObject(INVALID_GRANT);
    expect(await lastGrant('plain')).toMatchObject({ id: grant?.id, alive: false });
  });

  it('is recognized at a host that several providers share', async () => {
    const parameters = { ...PLAIN_REQUEST, scope: 'mail' };
    const { code = '' } = await sandbox.consent('plain-mail', PLAIN_AUTHORIZE, parameters);
    const { json } = await sandbox.plainToken(codeRequest(code));
    expect(json).not.toHaveProperty('scope');
    expect((await me(String(json.access_token))).status).toBe(200);
    expect((await sandbox.requests('plain-mail')).map(({ path, outcome }) => [path, outcome])).toEqual([
      ['/oauth/authorize', 'code'],
      ['/oauth/token', 'ok'],
      ['/me', 'ok'],
    ]);
    const [grant] = await sandbox.grants('plain-mail');
    await sandbox.call('DELETE', `grants/${grant?.id}`);
    await me(String(json.access_token));
    expect((await sandbox.requests('plain-mail')).at(-1)).toMatchObject({ path: '/me', outcome: 'revoked' });
  });
});

describe('a revocation', () => {
  const revoke = (token: string, client: Record<string, string> = CLIENT) =>
    sandbox.postForm('accounts.plain.example/oauth/revoke', { ...client, token });
  const revokeQuirky = (token: string) =>
    sandbox.postForm('quirky.example/api/auth.revoke', {}, { authorization: `Bearer ${token}` });

  it('ends all grants of the user and the client where the provider does that', async () => {
    const account = { id: '9', label: 'nine@example.com' };
    const first = await sandbox.connectPlain({ account });
    const second = await sandbox.connectPlain({ account });
    const other = await sandbox.connectPlain();
    expect((await revoke(first.refresh)).status).toBe(200);
    expect((await me(second.access)).status).toBe(401);
    expect((await me(other.access)).status).toBe(200);
  });

  it('ends the grant of the token alone where the provider does that', async () => {
    const account = { id: '9', label: 'nine@example.com' };
    const first = await sandbox.connectQuirky({ account });
    const second = await sandbox.connectQuirky({ account });
    expect((await revokeQuirky(first.access)).status).toBe(200);
    expect((await sandbox.me('api.quirky.example', first.access)).status).toBe(401);
    expect((await sandbox.me('api.quirky.example', second.access)).status).toBe(200);
    expect(await (await revokeQuirky(first.access)).json()).toMatchObject({
      ok: false,
      error: 'invalid_token',
    });
  });

  it('needs the client, and the token that the entry names', async () => {
    const { access, refresh } = await sandbox.connectPlain();
    expect((await revoke(refresh, {})).status).toBe(401);
    expect((await revoke(access)).status).toBe(400);
    expect((await me(access)).status).toBe(200);
    expect((await revoke('unknown')).status).toBe(200);
  });
});

describe('a provider with quirks', () => {
  it('returns the values that the entry keeps', async () => {
    const { callback, response } = await sandbox.connectQuirky();
    expect(callback.realmId).toMatch(/^\d{10}$/);
    expect(response).toMatchObject({ ok: true, team: { instance_url: 'https://api.quirky.example' } });
  });

  it('has an address of its own for each shop', async () => {
    const parameters = { client_key: 'platform', response_type: 'code', redirect_uri: REDIRECT_URI };
    const callback = await sandbox.consent('shop', 'mine.shop.example/oauth/authorize', parameters);
    const exchange = (headers: Record<string, string>, code = '') =>
      sandbox.postForm(
        'mine.shop.example/oauth/access_token',
        {
          client_key: 'platform',
          client_secret: 'platform-secret',
          grant_type: 'authorization_code',
          code,
          redirect_uri: REDIRECT_URI,
        },
        headers,
      );
    const refused = await exchange({});
    expect([refused.status, await refused.text()]).toEqual([
      200,
      expect.stringMatching(/^error_description=.*&error=invalid_grant$/),
    ]);
    const tokens = z.parse(
      z.record(z.string(), z.string()),
      await (await exchange({ accept: 'application/json' }, callback.code)).json(),
    );
    expect(tokens).toEqual({ access_token: expect.any(String), token_type: 'Bearer' });
    const access = tokens.access_token ?? '';
    expect((await sandbox.me('mine.shop.example', access)).status).toBe(200);
    expect((await sandbox.me('other.shop.example', access)).status).toBe(401);
    pass(10 * 365 * 86_400);
    expect((await sandbox.me('mine.shop.example', access)).status).toBe(200);
  });
});

describe('grants', () => {
  it('survive a restart, in a file without a code or token', async () => {
    const { code, access, refresh } = await sandbox.connectPlain();
    const stored = await readFile(sandbox.dataFile.replace('.db', '-grants.json'), 'utf8');
    for (const secret of [code, access, refresh]) expect(stored).not.toContain(secret);
    const next = await startSandbox({ dataFile: sandbox.dataFile, providerFolders: [sandbox.folder] });
    const headers = { authorization: `Bearer ${access}` };
    expect((await fetch(`${next.url}/api.plain.example/me`, { headers })).status).toBe(200);
    const body = new URLSearchParams({ ...CLIENT, ...refreshRequest(refresh) });
    expect((await fetch(`${next.url}/${PLAIN_TOKEN}`, { method: 'POST', body })).status).toBe(200);
    await next.close();
  });

  it('leave no code and no token in the request log', async () => {
    const { code, access, refresh } = await sandbox.connectPlain();
    await sandbox.plainToken(refreshRequest(refresh));
    const logged = JSON.stringify(await sandbox.requests('plain'));
    for (const secret of [code, access, refresh, CLIENT.client_secret]) expect(logged).not.toContain(secret);
  });
});
