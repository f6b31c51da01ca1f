import { afterAll, describe, expect, test } from 'vitest';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import { builtInProviders } from '../../../shared/catalog/index.ts';
import { TestBackend } from '../../harness/backend.ts';
import { errorPaths } from '../../harness/views.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());
const project = await backend.createProject();

const entered = builtInProviders()
  .map(({ entry }) => entry)
  .filter(({ open, auth }) => open && auth.type !== 'oauth2')
  .map(({ id }) => id);

describe('a connection to a service that a user names', () => {
  test.each(entered)('is made, issued, checked and found revoked: %s', async (provider) => {
    const connection = await project.connect({ provider });
    expect(connection.view.account?.label).toMatch(/^https:\/\/\S+\.service\.example$/);
    const issued = await backend.engineRequest(
      'POST',
      `/v1/runtime/projects/${project.id}/connections/${connection.id}/credentials`,
    );
    expect(issued.json.credentials).toSatisfy((values: object) =>
      Object.values(values).includes(connection.view.account?.label),
    );
    const check = () => project.request('POST', `/connections/${connection.id}/check`);
    expect((await check()).json).toMatchObject({ check: { outcome: 'ok' } });
    // The access token of a client lives on when the client is revoked.
    if (provider === 'custom-oauth2-client-credentials') return;
    await project.revokeAndCheck(connection);
    expect(await project.get(connection.id)).toMatchObject({
      status: 'inactive',
      statusReason: { code: 'access_revoked' },
    });
  });

  test('belongs to another account at another address', async () => {
    const first = await project.connect({ provider: 'custom-http-bearer' });
    const { credentials } = await backend.sandbox.accept('custom-http-bearer');
    const response = await project.request('POST', `/connections/${first.id}/reconnect`, {
      body: { credentials },
    });
    expect(response.json).toMatchObject({ code: 'account_mismatch' });
  });

  test.each([
    'http://api.example.com',
    'https://api.example.com:8443',
    'https://a@b.example',
    'https://[::1]',
  ])('is not made at %s', async (baseUrl) => {
    const credentials = { baseUrl, token: 'made-up', probePath: '/me' };
    const path = `/flows/${await project.createFlow()}/integrations/step`;
    const response = await project.request('PUT', path, {
      body: { provider: 'custom-http-bearer', credentials },
    });
    expect([response.status, errorPaths(response)]).toEqual([400, ['credentials.baseUrl']]);
  });
});

const authorized = builtInProviders()
  .map(({ entry }) => entry)
  .filter(({ open, auth }) => open && auth.type === 'oauth2')
  .map(({ id }) => id);

describe('an authorization at a server that a user names', () => {
  const issue = async (id: string) => {
    const path = `/v1/runtime/projects/${project.id}/connections/${id}/credentials`;
    return (await backend.engineRequest('POST', path)).json.credentials;
  };

  test.each(authorized)('connects, refreshes and is found revoked: %s', async (provider) => {
    await backend.sandbox.setTokens(provider, { accessTokenSeconds: 60 });
    const { id, account } = await project.authorize({ provider });
    expect(account?.label).toContain('https://one.service.example');
    const [first, second] = [await issue(id), await issue(id)];
    expect(first).toMatchObject({ accessToken: expect.any(String), tokenType: 'Bearer' });
    expect(second).not.toEqual(first);
    expect(Object.keys(Object(first))).not.toContain('clientSecret');
    expect(Object.keys(Object(first))).not.toContain('refreshToken');
    const [grant] = (await backend.sandbox.grants(provider)).slice(-1);
    expect(grant).toMatchObject({ refreshed: expect.any(Number), alive: true });
    expect((await project.request('POST', `/connections/${id}/check`)).json).toMatchObject({
      check: { outcome: 'ok' },
    });
    await backend.sandbox.revokeGrant(grant?.id ?? '');
    await project.request('POST', `/connections/${id}/check`);
    expect(await project.get(id)).toMatchObject({ status: 'inactive' });
    await backend.sandbox.setTokens(provider, {});
  });

  test.each(authorized)('has a redirect URI for each server: %s', async (provider) => {
    const start = async (name: string) => {
      const path = `/flows/${await project.createFlow()}/integrations/step/authorize`;
      const body = {
        provider,
        returnTo: `${backend.session.apiUrl}/returned`,
        fields: sampleCredentials(provider, name),
      };
      const { json } = await project.request('POST', path, { body });
      return { redirectUri: String(json.redirectUri), url: new URL(String(json.authorizationUrl)) };
    };
    const [one, again, other] = [await start('one'), await start('one'), await start('other')];
    expect(one.redirectUri).toBe(again.redirectUri);
    expect(one.redirectUri).not.toBe(other.redirectUri);
    expect(one.url.searchParams.get('redirect_uri')).toBe(one.redirectUri);
    expect(one.url.searchParams.get('code_challenge_method')).toBe('S256');
  });

  test('asks for a token of the MCP server alone (RFC 8707), with the scopes that it names', async () => {
    const path = `/flows/${await project.createFlow()}/integrations/step/authorize`;
    const fields = { server: 'https://tools.service.example/mcp' };
    const body = { provider: 'remote-mcp', returnTo: `${backend.session.apiUrl}/returned`, fields };
    const { json } = await project.request('POST', path, { body });
    const { searchParams } = new URL(String(json.authorizationUrl));
    expect(searchParams.get('resource')).toBe(fields.server);
    expect(searchParams.get('scope')).toBe('tools');
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['remote-mcp', { server: 'https://nothing.example.com/mcp' }, 'fields.server'],
    ['remote-mcp', { server: 'http://one.service.example/mcp' }, 'fields.server'],
    [
      'custom-oauth2',
      { ...sampleCredentials('custom-oauth2'), authorizeUrl: 'javascript:alert(1)' },
      'fields.authorizeUrl',
    ],
  ])('is not started without a server: %s %j', async (provider, fields, at) => {
    const path = `/flows/${await project.createFlow()}/integrations/step/authorize`;
    const body = { provider, returnTo: `${backend.session.apiUrl}/returned`, fields };
    const response = await project.request('POST', path, { body });
    expect([response.status, errorPaths(response)]).toEqual([400, [at]]);
  });
});

describe('the metadata of an OAuth client', () => {
  test('is its id, and names its redirect URI', async () => {
    const path = '/v1/oauth/clients/remote-mcp-0123456789abcdef';
    const response = await backend.request('GET', path, { as: 'anonymous' });
    expect(response.json).toMatchObject({
      client_id: `${backend.session.apiUrl}${path}`,
      redirect_uris: [`${backend.session.apiUrl}/v1/oauth/callback/remote-mcp-0123456789abcdef`],
      token_endpoint_auth_method: 'none',
    });
    expect(response.headers.get('cache-control')).toBe('public, max-age=86400');
  });

  test.each(['google', 'remote-mcp', 'remote-mcp-0123456789abcdeg'])(
    'exists for no other client: %s',
    async (name) => {
      const response = await backend.request('GET', `/v1/oauth/clients/${name}`, { as: 'anonymous' });
      expect(response.status).toBe(404);
    },
  );
});
