import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { close, listen } from '../../../local/loopback.ts';
import { createDiscovery } from '../../../shared/adapters/providers/oauth/discovery.ts';
import { openSandbox } from './sandbox.ts';

/** A resource and its authorization server, by the path of each response: `/{host}/{path}`. */
type Site = Readonly<Record<string, Reply>>;
interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

const RESOURCE = 'https://mcp.example.com/mcp';
const ISSUER = 'https://auth.example.com/tenant';
const refused = { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };
const resource = { resource: RESOURCE, authorization_servers: [ISSUER], scopes_supported: ['read', 'write'] };
const server = {
  issuer: ISSUER,
  authorization_endpoint: 'https://auth.example.com/authorize',
  token_endpoint: 'https://auth.example.com/token',
  registration_endpoint: 'https://auth.example.com/register',
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: ['client_secret_post', 'none'],
};
const SITE: Site = {
  '/mcp.example.com/mcp': refused,
  '/mcp.example.com/.well-known/oauth-protected-resource/mcp': { json: resource },
  '/auth.example.com/.well-known/oauth-authorization-server/tenant': { json: server },
  '/auth.example.com/register': { status: 201, json: { client_id: 'client-1' } },
};

let listener: Server;
let endpointUrl = '';
let site: Site = SITE;
const received: { readonly path: string; readonly body: string }[] = [];

async function respond(incoming: IncomingMessage, outgoing: ServerResponse) {
  const path = incoming.url ?? '';
  received.push({ path, body: await text(incoming) });
  const { status = 200, headers = {}, json } = site[path] ?? { status: 404 };
  outgoing.writeHead(status, headers).end(json === undefined ? '' : JSON.stringify(json));
}

beforeAll(async () => {
  listener = createServer((incoming, outgoing) => void respond(incoming, outgoing));
  endpointUrl = (await listen(listener)).url;
});
afterEach(() => {
  site = SITE;
  received.splice(0);
});
afterAll(() => close(listener));

const PLATFORM = 'https://api.platform.example';

const discover = (address = RESOURCE, apiUrl = PLATFORM) =>
  createDiscovery({ endpointUrl }).discover(address, (issuer) => ({
    redirectUri: `${apiUrl}/callback?of=${issuer}`,
    metadataUrl: `${apiUrl}/clients/one`,
  }));

const withServer = (changed: object): Site => ({
  ...SITE,
  '/auth.example.com/.well-known/oauth-authorization-server/tenant': { json: { ...server, ...changed } },
});
const withResource = (changed: object): Site => ({
  ...SITE,
  '/mcp.example.com/.well-known/oauth-protected-resource/mcp': { json: { ...resource, ...changed } },
});
const paths = () => received.map(({ path }) => path);

describe('a discovery', () => {
  it('finds the endpoints, and registers a client with its redirect URI', async () => {
    expect(await discover()).toEqual({
      outcome: 'ok',
      issuer: ISSUER,
      isIssuerSent: false,
      values: {
        authorizeUrl: 'https://auth.example.com/authorize',
        tokenUrl: 'https://auth.example.com/token',
        scopes: 'read write',
        resource: RESOURCE,
        clientId: 'client-1',
        clientAuthentication: 'none',
      },
    });
    expect(paths()).toEqual(Object.keys(SITE));
    expect(JSON.parse(received.at(-1)?.body ?? '')).toMatchObject({
      redirect_uris: [`${PLATFORM}/callback?of=${ISSUER}`],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
      application_type: 'web',
    });
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ jsonrpc: '2.0', method: 'server/discover' });
  });

  it('asks again as an older revision does, where the server refuses the newest before it asks for a token', async () => {
    site = {
      ...SITE,
      '/mcp.example.com/mcp': { status: 400, json: { jsonrpc: '2.0', id: null, error: {} } },
    };
    expect(await discover()).toMatchObject({ outcome: 'ok', values: { scopes: 'read write' } });
    const methods = received.slice(0, 2).map(({ body }) => JSON.parse(body).method);
    expect(methods).toEqual(['server/discover', 'initialize']);
  });

  it.each([
    ['read write', 'read write offline_access'],
    ['', ''],
    ['offline_access read', 'offline_access read'],
  ])('asks for refresh tokens where the server has a scope for them: %j becomes %j', async (scope, asked) => {
    const headers = { 'www-authenticate': `Bearer scope="${scope}"` };
    site = {
      ...withServer({ scopes_supported: ['read', 'offline_access'] }),
      '/mcp.example.com/mcp': { status: 401, headers },
    };
    expect(await discover()).toMatchObject({ values: { scopes: asked } });
  });

  it('reads the metadata and the scopes that the refusal names', async () => {
    const challenge =
      'Basic realm="x", Bearer resource_metadata="https://mcp.example.com/meta", scope="files:read files:\\"all"';
    site = {
      ...SITE,
      '/mcp.example.com/mcp': { status: 401, headers: { 'www-authenticate': challenge } },
      '/mcp.example.com/meta': { json: resource },
    };
    expect(await discover()).toMatchObject({ outcome: 'ok', values: { scopes: 'files:read files:"all' } });
    expect(paths()).not.toContain('/mcp.example.com/.well-known/oauth-protected-resource/mcp');
  });

  it('falls back to the metadata of the whole host, and to OpenID Connect', async () => {
    site = {
      '/mcp.example.com/mcp': { status: 401 },
      '/mcp.example.com/.well-known/oauth-protected-resource': {
        json: { ...resource, resource: 'https://mcp.example.com' },
      },
      '/auth.example.com/tenant/.well-known/openid-configuration': { json: server },
      '/auth.example.com/register': SITE['/auth.example.com/register'] ?? {},
    };
    expect(await discover()).toMatchObject({
      outcome: 'ok',
      values: { resource: 'https://mcp.example.com' },
    });
    expect(paths().slice(1, 6)).toEqual([
      '/mcp.example.com/.well-known/oauth-protected-resource/mcp',
      '/mcp.example.com/.well-known/oauth-protected-resource',
      '/auth.example.com/.well-known/oauth-authorization-server/tenant',
      '/auth.example.com/.well-known/openid-configuration/tenant',
      '/auth.example.com/tenant/.well-known/openid-configuration',
    ]);
  });

  it('registers no client where the server reads the metadata of one', async () => {
    site = withServer({ client_id_metadata_document_supported: true });
    expect(await discover()).toMatchObject({
      values: { clientId: `${PLATFORM}/clients/one`, clientAuthentication: 'none' },
    });
    expect(paths()).not.toContain('/auth.example.com/register');
    // A server could not read it from loopback.
    expect(await discover(RESOURCE, 'http://127.0.0.1:8787')).toMatchObject({
      values: { clientId: 'client-1' },
    });
  });

  it('keeps the secret and the method of a registered client', async () => {
    const client = {
      client_id: 'client-2',
      client_secret: 'made-up-secret',
      token_endpoint_auth_method: 'client_secret_post',
    };
    site = {
      ...withServer({ token_endpoint_auth_methods_supported: ['client_secret_post'] }),
      '/auth.example.com/register': { status: 201, json: client },
    };
    expect(await discover()).toMatchObject({
      values: { clientId: 'client-2', clientSecret: 'made-up-secret', clientAuthentication: 'body' },
    });
  });

  it('remembers that the server names itself in the redirect', async () => {
    site = withServer({ authorization_response_iss_parameter_supported: true });
    expect(await discover()).toMatchObject({ isIssuerSent: true });
  });
});

describe('a discovery is refused', () => {
  const NOT_ALLOWED = [
    'http://auth.example.com/x',
    'https://auth.example.com:8443/x',
    'https://a@auth.example.com/x',
  ];

  it.each<[string, Site]>([
    ['a server that needs no authorization', { '/mcp.example.com/mcp': { json: {} } }],
    ['no metadata', { '/mcp.example.com/mcp': refused }],
    ['the metadata of another resource', withResource({ resource: 'https://other.example.com/mcp' })],
    ['the metadata of a resource beside it', withResource({ resource: 'https://mcp.example.com/mc' })],
    ['no authorization server', withResource({ authorization_servers: [] })],
    ...NOT_ALLOWED.map((address): [string, Site] => [
      `an authorization server at ${address}`,
      withResource({ authorization_servers: [address] }),
    ]),
    ['the metadata of another issuer', withServer({ issuer: 'https://auth.example.com' })],
    ['no PKCE', withServer({ code_challenge_methods_supported: undefined })],
    ['plain PKCE alone', withServer({ code_challenge_methods_supported: ['plain'] })],
    ...NOT_ALLOWED.flatMap((address): [string, Site][] =>
      ['authorization_endpoint', 'token_endpoint', 'registration_endpoint'].map((name) => [
        `${name} ${address}`,
        withServer({ [name]: address }),
      ]),
    ),
    ['no registration', withServer({ registration_endpoint: undefined })],
    [
      'another client authentication',
      withServer({ token_endpoint_auth_methods_supported: ['private_key_jwt'] }),
    ],
    ['a refused registration', { ...SITE, '/auth.example.com/register': { status: 400, json: {} } }],
    ['a redirect', { ...SITE, '/mcp.example.com/.well-known/oauth-protected-resource/mcp': { status: 302 } }],
  ])('for %s', async (_, changed) => {
    site = changed;
    expect(await discover()).toEqual({ outcome: 'unsupported', message: expect.stringMatching(/^\w/) });
  });

  it.each([
    'http://mcp.example.com',
    'https://mcp.example.com:444',
    'https://127.0.0.1/mcp',
    'mcp.example.com',
    '',
  ])('for the address %j', async (address) => {
    const resolve = () => Promise.reject(new Error('called'));
    const found = createDiscovery({ resolve }).discover(address, () => ({
      redirectUri: '',
      metadataUrl: '',
    }));
    expect(await found).toEqual({ outcome: 'unsupported', message: expect.stringMatching(/^\w/) });
  });

  it('for a name that resolves to a private address', async () => {
    const resolve = () => Promise.resolve([{ address: '169.254.169.254', family: 4 }]);
    const found = createDiscovery({ resolve }).discover(RESOURCE, () => ({
      redirectUri: '',
      metadataUrl: '',
    }));
    expect(await found).toEqual({ outcome: 'unsupported', message: expect.stringMatching(/^\w/) });
  });

  it('for an outage, which is said to be one', async () => {
    site = { ...SITE, '/auth.example.com/register': { status: 503 } };
    expect(await discover()).toEqual({ outcome: 'unavailable' });
    const down = createDiscovery({ endpointUrl: 'http://127.0.0.1:1' });
    expect(await down.discover(RESOURCE, () => ({ redirectUri: '', metadataUrl: '' }))).toEqual({
      outcome: 'unavailable',
    });
  });
});

it('the sandbox stands in for a server, with registration', async () => {
  const sandbox = await openSandbox();
  const discovery = createDiscovery({ endpointUrl: sandbox.url });
  const found = await discovery.discover('https://one.service.example/mcp', () => ({
    redirectUri: 'http://127.0.0.1:9/callback',
    metadataUrl: 'http://127.0.0.1:9/clients/one',
  }));
  await sandbox.close();
  expect(found).toMatchObject({
    outcome: 'ok',
    values: {
      tokenUrl: 'https://one.service.example/oauth/token',
      clientAuthentication: 'none',
      scopes: 'tools',
    },
  });
});
