import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  callbackOf,
  codeRequest,
  openOAuthSandbox,
  PLAIN_AUTHORIZE,
  PLAIN_REQUEST,
  QUIRKY_AUTHORIZE,
  QUIRKY_REQUEST,
  REDIRECT_URI,
} from './sandbox-oauth-client.ts';

let sandbox: Awaited<ReturnType<typeof openOAuthSandbox>>;
beforeAll(async () => {
  sandbox = await openOAuthSandbox();
});
afterAll(() => sandbox.close());

async function openPage(address = PLAIN_AUTHORIZE, parameters: Record<string, string> = PLAIN_REQUEST) {
  const response = await sandbox.authorize(address, parameters);
  const html = await response.text();
  const valuesOf = (type: string) =>
    [...html.matchAll(new RegExp(`<input type="${type}" name="[a-z]+" value="([^"]*)"`, 'g'))].map(
      ([, value = '']) => value,
    );
  return { status: response.status, html, accounts: valuesOf('radio'), scopes: valuesOf('checkbox') };
}

async function submit(fields: [string, string][], parameters: Record<string, string> = PLAIN_REQUEST) {
  return fetch(sandbox.authorizeUrl(PLAIN_AUTHORIZE, parameters), {
    method: 'POST',
    body: new URLSearchParams(fields),
    redirect: 'manual',
  });
}

describe('the consent page', () => {
  it('offers accounts and scopes as labelled controls, without a script', async () => {
    const { status, html, accounts, scopes } = await openPage();
    expect(status).toBe(200);
    expect(html).toContain('<html lang="en">');
    expect(html).toContain('<h1>Allow access to Provider plain</h1>');
    expect(html).toMatch(/<fieldset>\s*<legend>Account<\/legend>/);
    expect(html.match(/<label><input/g)).toHaveLength(accounts.length + scopes.length);
    expect(html).toMatch(/<button type="submit" name="decision" value="allow">Allow<\/button>/);
    expect(html).toMatch(/<button type="submit" name="decision" value="deny">Deny<\/button>/);
    expect(html).not.toContain('<script');
    expect(new Set(accounts).size).toBe(2);
    expect(scopes).toEqual(['calendar', 'email', 'offline']);
  });

  it('offers the same accounts at every provider of an OAuth client', async () => {
    const mail = await openPage(PLAIN_AUTHORIZE, { ...PLAIN_REQUEST, scope: 'mail offline' });
    expect(mail.html).toContain('Provider plain-mail');
    expect(mail.accounts).toEqual((await openPage()).accounts);
  });

  it('escapes what the request contains', async () => {
    const { html } = await openPage(PLAIN_AUTHORIZE, { ...PLAIN_REQUEST, client_id: '<b>"me"</b>' });
    expect(html).toContain('&lt;b&gt;&quot;me&quot;&lt;/b&gt;');
    expect(html).not.toContain('<b>');
  });

  it('returns a code, the state and the issuer to the redirect URI', async () => {
    const { accounts } = await openPage();
    const response = await submit([
      ['account', accounts[1] ?? ''],
      ['scope', 'calendar'],
      ['decision', 'allow'],
    ]);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toMatch(REDIRECT_URI);
    const { code = '', ...others } = callbackOf(response);
    expect(others).toEqual({ from: 'app', state: 'state-1', iss: 'https://accounts.plain.example' });
    const { json } = await sandbox.plainToken(codeRequest(code));
    expect(json.scope).toBe('calendar');
    const me = await sandbox.me('api.plain.example', String(json.access_token));
    expect(String(me.json.id)).toBe(accounts[1]);
  });

  it('returns access_denied when the user denies', async () => {
    expect(callbackOf(await submit([['decision', 'deny']]))).toEqual({
      from: 'app',
      error: 'access_denied',
      state: 'state-1',
      iss: 'https://accounts.plain.example',
    });
  });

  it('asks again for what is missing', async () => {
    const response = await submit([['decision', 'allow']]);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('<p role="alert">Choose an account.</p>');
  });
});

describe('an authorization request', () => {
  it.each([
    ['without a client', { client_id: '' }],
    ['with a relative redirect URI', { redirect_uri: '/callback' }],
    ['with a redirect URI over http', { redirect_uri: 'http://app.example/callback' }],
    ['with a fragment in the redirect URI', { redirect_uri: 'https://app.example/callback#a' }],
  ])('%s is refused on a page, without a redirect', async (_, change) => {
    const response = await sandbox.authorize(PLAIN_AUTHORIZE, { ...PLAIN_REQUEST, ...change });
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
  });

  it.each([
    ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['no code challenge', { code_challenge: undefined }, 'invalid_request'],
    ['a plain code challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a malformed code challenge', { code_challenge: 'short' }, 'invalid_request'],
    ['a documented parameter missing', { access_type: undefined }, 'invalid_request'],
    ['an unknown scope', { scope: 'calendar everything' }, 'invalid_scope'],
    ['scopes separated otherwise', { scope: 'calendar,email' }, 'invalid_scope'],
  ])('with %s returns an error', async (_, change, error) => {
    const changed = Object.entries({ ...PLAIN_REQUEST, ...change });
    const parameters = Object.fromEntries(
      changed.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
    const callback = callbackOf(await sandbox.authorize(PLAIN_AUTHORIZE, parameters));
    expect(callback).toMatchObject({ error, state: 'state-1' });
  });

  it('needs no code challenge where the provider refuses PKCE', async () => {
    const { status, scopes } = await openPage(QUIRKY_AUTHORIZE, QUIRKY_REQUEST);
    expect([status, scopes]).toEqual([200, ['read', 'write']]);
  });
});

describe('a decision that was set', () => {
  it('is taken once, without a page', async () => {
    const account = { id: '77', label: 'seven@example.com' };
    const { access } = await sandbox.connectPlain({ account, scopes: ['calendar', 'more'] });
    expect((await sandbox.me('api.plain.example', access)).json).toMatchObject({
      id: 77,
      email: 'seven@example.com',
    });
    expect((await sandbox.grants('plain')).at(-1)).toMatchObject({ account, scopes: ['calendar'] });
    expect((await openPage()).status).toBe(200);
  });

  it('can be a refusal', async () => {
    const callback = await sandbox.consent('plain', PLAIN_AUTHORIZE, PLAIN_REQUEST, { deny: true });
    expect(callback).toMatchObject({ error: 'access_denied', state: 'state-1' });
  });

  it('can name an account of the page by its id', async () => {
    const { accounts } = await openPage();
    await sandbox.connectPlain({ account: accounts[1] });
    expect((await sandbox.grants('plain')).at(-1)?.account.id).toBe(accounts[1]);
  });

  it.each([
    [{ provider: 'nobody' }, 404],
    [{ provider: 'plain', deny: 'yes' }, 400],
    [{ provider: 'plain', more: 1 }, 400],
  ])('is refused as %j with %d', async (body, status) => {
    expect((await sandbox.call('POST', 'consent', body)).status).toBe(status);
  });
});
