import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { close, listen } from '../../../local/loopback.ts';
import { createOAuthProvider } from '../../../shared/adapters/providers/oauth/provider.ts';
import { createVerifier } from '../../../shared/adapters/providers/verifier.ts';
import { builtInProviders } from '../../../shared/catalog/index.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import type { OAuthParty, TokenResult } from '../../../shared/domain/credentials/oauth.ts';
import { serviceAccountKey } from '../../harness/service-account-key.ts';
import { partyOf } from './oauth-adapter.ts';

interface Received {
  readonly method: string;
  /** `/{host}/{path}?{query}` */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
type StatusAndBody = readonly [status: number, body: unknown];

/** Requests that the server received, and its responses in order of the requests. */
let received: Received[] = [];
let responses: StatusAndBody[] = [];
let server: Server;
let endpointUrl = '';

beforeAll(async () => {
  server = createServer(async (incoming, outgoing) => {
    const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
    received.push({
      method: incoming.method ?? '',
      url: new URL(incoming.url ?? '', 'http://127.0.0.1'),
      headers: Object.fromEntries(headers),
      body: await text(incoming),
    });
    const [status, body] = responses.shift() ?? [500, {}];
    outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  ({ url: endpointUrl } = await listen(server));
});
afterAll(() => close(server));
beforeEach(() => {
  received = [];
  responses = [];
});

function party(id: string, fields: Readonly<Record<string, string>> = {}): OAuthParty {
  const entry = builtInProviders().find((each) => each.entry.id === id)?.entry;
  if (entry === undefined) throw new Error(`no provider ${id}`);
  const made = partyOf(entry);
  const { clientId, clientSecret } = fields;
  const client = clientId && clientSecret ? { clientId, clientSecret } : made.client;
  return { ...made, client, fields: { ...made.fields, ...fields } };
}

const adapter = () => createOAuthProvider({ endpointUrl });
const exchange = (of: OAuthParty, callback: Readonly<Record<string, string>> = {}): Promise<TokenResult> =>
  adapter().exchangeCode(of, {
    code: 'the-code',
    codeVerifier: null,
    redirectUri: 'https://api.example.com/callback',
    callback,
  });
const paths = () => received.map(({ method, url }) => `${method} ${url.pathname}`);
const form = (at: number) => Object.fromEntries(new URLSearchParams(received[at]?.body));
const query = (at: number) => Object.fromEntries(received[at]?.url.searchParams ?? []);
const tokens = { access_token: 'at-1', token_type: 'bearer', expires_in: 3600 };

describe('a project’s own client', () => {
  it('authenticates by Basic and asks for client_credentials', async () => {
    responses = [[200, tokens]];
    const own = { clientId: 'own-client', clientSecret: 'own-secret' };
    expect(await adapter().renew(party('paypal', own))).toMatchObject({
      outcome: 'ok',
      tokens: { accessToken: 'at-1', refreshToken: undefined, expiresInSeconds: 3600 },
    });
    expect(paths()).toEqual(['POST /api-m.paypal.com/v1/oauth2/token']);
    expect(form(0)).toEqual({ grant_type: 'client_credentials' });
    const basic = Buffer.from('own-client:own-secret').toString('base64');
    expect(received[0]?.headers.authorization).toBe(`Basic ${basic}`);
  });

  it('is refused like any other credentials', async () => {
    responses = [[401, { error: 'invalid_client', error_description: 'Client Authentication failed' }]];
    expect(await adapter().renew(party('paypal'))).toEqual({ outcome: 'rejected', isResponseLost: false });
  });

  it('may need another grant type, with an entered field', async () => {
    responses = [[200, tokens]];
    await adapter().renew(party('zoom-server-to-server', { accountId: 'account-1' }));
    expect(form(0)).toEqual({ grant_type: 'account_credentials', account_id: 'account-1' });
  });
});

describe('a service account', () => {
  const renew = (key: string) =>
    adapter().renew(party('google-sheets-service-account', { serviceAccountKey: key }));

  it('signs an assertion for the endpoint of the entry, never for that of the key', async () => {
    responses = [[200, tokens]];
    expect(await renew(serviceAccountKey('robot'))).toMatchObject({ outcome: 'ok' });
    expect(paths()).toEqual(['POST /oauth2.googleapis.com/token']);
    const { assertion = '', ...others } = form(0);
    expect(others).toEqual({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' });
    expect(decodeProtectedHeader(assertion)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'sample-key' });
    const { iat = 0, exp = 0, ...claims } = decodeJwt(assertion);
    expect(claims).toEqual({
      iss: 'robot@sample.iam.gserviceaccount.com',
      aud: 'https://oauth2.googleapis.com/token',
      scope: 'https://www.googleapis.com/auth/spreadsheets https://www.googleapis.com/auth/drive.file',
    });
    expect(exp - iat).toBe(300);
    expect(received[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each([
    ['no JSON', 'CANARY-key'],
    ['no private key', JSON.stringify({ client_email: 'CANARY@example.com' })],
    ['no PEM', serviceAccountKey('robot', { private_key: 'CANARY-pem' })],
    ['no RSA key', serviceAccountKey('robot', { private_key: ecKey() })],
    ['a number for the key', serviceAccountKey('robot', { private_key: 1 })],
  ])('is refused with %s, before any request', async (_, key) => {
    expect(await renew(key)).toEqual({ outcome: 'rejected', isResponseLost: false });
    expect(received).toEqual([]);
  });
});

function ecKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

describe('a refresh', () => {
  it('sends what the entry keeps of the authorization: the redirect URI of Mollie', async () => {
    responses = [
      [200, { ...tokens, refresh_token: 'rt-1', scope: 'organizations.read' }],
      [200, { ...tokens, scope: 'organizations.read' }],
    ];
    const redirectUri = 'https://api.example.com/callback';
    expect(await exchange(party('mollie-oauth'))).toMatchObject({ tokens: { kept: { redirectUri } } });
    await adapter().renew(party('mollie-oauth', { refreshToken: 'rt-1', redirectUri }));
    expect(form(1)).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'rt-1',
      redirect_uri: redirectUri,
    });
  });
});

describe('the end of an access token', () => {
  it.each([
    ['2031-01-01T01:00:00Z', 3_600],
    ['2030-12-31T00:00:00Z', null],
    ['never', null],
  ])('is read as a time, where the entry says so: %s', async (expiresAt, expiresInSeconds) => {
    responses = [[200, { access_token: 'at-1', token_type: 'bearer', expires_at: expiresAt }]];
    const clock = { now: () => new Date('2031-01-01T00:00:00Z') };
    const of = party('square-oauth', { refreshToken: 'rt-1' });
    expect(await createOAuthProvider({ endpointUrl, clock }).renew(of)).toMatchObject({
      tokens: { expiresInSeconds },
    });
  });
});

describe('a revocation of its own form', () => {
  const issued = { accessToken: 'at-1', refreshToken: 'rt-1' };

  it('has the method and the parameters of the entry', async () => {
    responses = [[200, {}]];
    expect(await adapter().revoke(party('mollie-oauth'), issued)).toBe(true);
    expect(paths()).toEqual(['DELETE /api.mollie.com/oauth2/tokens']);
    expect(form(0)).toEqual({ token_type_hint: 'refresh_token', token: 'rt-1' });
    expect(received[0]?.headers.authorization).toMatch(/^Basic /);
  });

  it('names the client as the entry does', async () => {
    responses = [[200, {}]];
    await adapter().revoke(party('tiktok'), issued);
    expect(form(0)).toEqual({
      client_key: 'platform:id',
      client_secret: 'platform secret&more',
      token: 'at-1',
    });
  });
});

describe('a long-lived token', () => {
  it('is exchanged for the first one by GET, and ends without a refresh token', async () => {
    responses = [
      [200, { access_token: 'short', token_type: 'bearer', expires_in: 3600 }],
      [200, { access_token: 'long', token_type: 'bearer', expires_in: 5_183_944 }],
    ];
    expect(await exchange(party('facebook-pages'))).toMatchObject({
      outcome: 'ok',
      tokens: { accessToken: 'long', refreshToken: undefined, expiresInSeconds: 5_183_944 },
    });
    const path = 'GET /graph.facebook.com/v23.0/oauth/access_token';
    expect(paths()).toEqual([path, path]);
    expect(query(0)).toMatchObject({ client_id: 'platform:id', code: 'the-code' });
    expect(query(1)).toEqual({
      grant_type: 'fb_exchange_token',
      client_id: 'platform:id',
      client_secret: 'platform secret&more',
      fb_exchange_token: 'short',
    });
  });

  it('renews itself, where the provider can do that', async () => {
    responses = [
      [200, { data: [{ access_token: 'short', user_id: '17', permissions: 'instagram_business_basic' }] }],
      [200, { access_token: 'long-1', token_type: 'bearer', expires_in: 5_183_944 }],
      [200, { access_token: 'long-2', token_type: 'bearer', expires_in: 5_183_944 }],
    ];
    expect(await exchange(party('instagram'))).toMatchObject({
      tokens: {
        accessToken: 'long-1',
        refreshToken: 'long-1',
        scopes: ['instagram_business_basic'],
        kept: { userId: '17' },
      },
    });
    expect(await adapter().renew(party('instagram', { refreshToken: 'long-1' }))).toMatchObject({
      tokens: { accessToken: 'long-2', refreshToken: 'long-2' },
    });
    expect(paths().slice(1)).toEqual([
      'GET /graph.instagram.com/access_token',
      'GET /graph.instagram.com/refresh_access_token',
    ]);
    expect(query(2)).toEqual({ grant_type: 'ig_refresh_token', access_token: 'long-1' });
  });

  it.each([
    [{ error_type: 'OAuthException', code: 400, error_message: 'Matching code was not found' }, exchange],
    [
      { error: { message: 'expired', type: 'OAuthException', code: 190 } },
      (of: OAuthParty) => adapter().renew(of),
    ],
  ])('is refused by the provider’s own errors: %j', async (body, call) => {
    responses = [[400, body]];
    expect(await call(party('instagram', { refreshToken: 'long-1' }))).toEqual({
      outcome: 'rejected',
      isResponseLost: false,
    });
  });
});

describe('a value that requests need later', () => {
  const verify = (id: string, values: Readonly<Record<string, string>>) =>
    createVerifier({ endpointUrl }).verify(party(id).provider, new Credentials(values));

  it('is read with the first token: the data centre of Mailchimp', async () => {
    responses = [
      [200, { access_token: 'at-1', expires_in: 0, scope: null }],
      [200, { dc: 'us6', api_endpoint: 'https://us6.api.mailchimp.com' }],
    ];
    expect(await exchange(party('mailchimp-oauth'))).toMatchObject({
      tokens: { expiresInSeconds: null, kept: { apiEndpoint: 'https://us6.api.mailchimp.com' } },
    });
    expect(paths()[1]).toBe('GET /login.mailchimp.com/oauth2/metadata');
    expect(received[1]?.headers.authorization).toBe('OAuth at-1');
  });

  it('is that of this authorization, not of another one: the organisation of Xero', async () => {
    const claims = Buffer.from(JSON.stringify({ authentication_event_id: 'event-1' })).toString('base64url');
    responses = [
      [200, { ...tokens, access_token: `e30.${claims}.c2ln`, refresh_token: 'rt-1' }],
      [200, [{ id: 'connection', tenantId: 'tenant-1', tenantType: 'ORGANISATION' }]],
    ];
    expect(await exchange(party('xero'))).toMatchObject({ tokens: { kept: { tenantId: 'tenant-1' } } });
    expect(query(1)).toEqual({ authEventId: 'event-1' });
  });

  it('comes with the redirect: the company of QuickBooks', async () => {
    responses = [[200, { ...tokens, refresh_token: 'rt-1' }]];
    expect(await exchange(party('quickbooks'), { realmId: '4620816365' })).toMatchObject({
      tokens: { kept: { realmId: '4620816365' } },
    });
  });

  it('leaves no tokens behind when it cannot be read', async () => {
    responses = [
      [200, { ...tokens, refresh_token: 'rt-1' }],
      [503, {}],
      [200, {}],
    ];
    const { provider, ...others } = party('mailchimp-oauth');
    const oauth2 = provider.oauth2 && {
      ...provider.oauth2,
      revocation: {
        url: 'https://login.mailchimp.com/oauth2/revoke',
        token: 'refresh_token' as const,
        request: 'rfc7009' as const,
        ends: 'grant' as const,
      },
    };
    const revocable = { ...others, provider: { ...provider, ...(oauth2 && { oauth2 }) } };
    expect(await exchange(revocable)).toMatchObject({ outcome: 'unavailable' });
    expect(paths()[2]).toBe('POST /login.mailchimp.com/oauth2/revoke');
    expect(form(2)).toMatchObject({ token: 'rt-1' });
  });

  it.each([
    ['a label', 'https://acme.my.salesforce.com', '/acme.my.salesforce.com'],
    ['two labels', 'https://acme--dev.sandbox.my.salesforce.com', '/acme--dev.sandbox.my.salesforce.com'],
  ])('names the host: %s of Salesforce', async (_, instanceUrl, host) => {
    responses = [[200, { records: [{ Id: '00D', Name: 'Acme' }] }]];
    const values = { accessToken: 'at-1', instanceUrl };
    expect(await verify('salesforce', values)).toMatchObject({ outcome: 'ok', account: { id: '00D' } });
    expect(paths()).toEqual([`GET ${host}/services/data/v61.0/query`]);
  });

  it.each([
    'https://attacker.example',
    'https://attacker.example/.my.salesforce.com',
    'https://attacker.example?.my.salesforce.com',
    'https://user@attacker.example#.my.salesforce.com',
    'https://a.b.c.my.salesforce.com',
    'http://acme.my.salesforce.com',
    'https://acme.my.salesforce.com.attacker.example',
  ])('never leads outside the provider’s domain: %s', async (instanceUrl) => {
    const verification = await verify('salesforce', { accessToken: 'at-1', instanceUrl });
    expect(verification).toMatchObject({ outcome: 'unavailable', cause: 'blocked_address' });
    expect(received).toEqual([]);
  });
});

describe('a revocation', () => {
  it.each([
    ['notion-oauth', { accessToken: 'at-1' }, 'application/json', 'basic'],
    ['quickbooks', { refreshToken: 'rt-1' }, 'application/json', 'basic'],
    ['calendly', { refreshToken: 'rt-1' }, 'application/x-www-form-urlencoded', 'body'],
    ['salesforce', { refreshToken: 'rt-1' }, 'application/x-www-form-urlencoded', 'none'],
  ])('of %s has the documented form', async (id, sent, contentType, authentication) => {
    responses = [[200, {}]];
    expect(await adapter().revoke(party(id), sent)).toBe(true);
    const { headers = {}, body = '' } = received[0] ?? {};
    expect(headers['content-type']).toBe(contentType);
    expect(headers.authorization?.startsWith('Basic ') ?? false).toBe(authentication === 'basic');
    const isJson = contentType === 'application/json';
    const content: unknown = isJson ? JSON.parse(body) : form(0);
    expect(content).toEqual({
      token: Object.values(sent)[0],
      ...(authentication === 'body' && { client_id: 'platform:id', client_secret: 'platform secret&more' }),
    });
  });
});

describe('error codes of a provider’s own', () => {
  it.each([
    ['github-oauth', 200, { error: 'bad_verification_code' }, { outcome: 'rejected' }],
    ['github-oauth', 200, { error: 'incorrect_client_credentials' }, { outcome: 'misconfigured' }],
    ['slack-oauth', 200, { ok: false, error: 'invalid_code' }, { outcome: 'rejected' }],
    ['slack-oauth', 200, { ok: false, error: 'bad_client_secret' }, { outcome: 'misconfigured' }],
    ['slack-oauth', 200, { ok: false, error: 'internal_error' }, { outcome: 'unavailable' }],
    ['facebook-pages', 400, { error: { code: 190, message: 'x' } }, { outcome: 'rejected' }],
    ['facebook-pages', 400, { error: { code: 2, message: 'x' } }, { outcome: 'unavailable' }],
  ])('of %s with %d: %j', async (id, status, body, result) => {
    responses = [[status, body]];
    expect(await exchange(party(id))).toMatchObject(result);
  });
});
