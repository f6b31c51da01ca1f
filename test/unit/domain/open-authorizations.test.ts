import { describe, expect, it } from 'vitest';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import { catalog } from '../../../shared/catalog/index.ts';
import type { Authorization } from '../../../shared/domain/authorizations/authorization.ts';
import { digestOf } from '../../../shared/domain/authorizations/authorization.ts';
import { startAuthorization } from '../../../shared/domain/authorizations/authorize.ts';
import { handleCallback } from '../../../shared/domain/authorizations/callback.ts';
import type { Discovery } from '../../../shared/domain/credentials/oauth.ts';

const ISSUER = 'https://auth.example.com';
const FOUND: Discovery = {
  outcome: 'ok',
  issuer: ISSUER,
  isIssuerSent: false,
  values: {
    authorizeUrl: 'https://auth.example.com/authorize',
    tokenUrl: 'https://auth.example.com/token',
    scopes: 'read write',
    resource: 'https://mcp.example.com/mcp',
    clientId: 'client-1',
    clientSecret: 'CANARY-registered',
    clientAuthentication: 'body',
  },
};

/** Ports over a map, whose sealer marks what it sealed. */
function portsWith(discovered: Discovery = FOUND) {
  const stored = new Map<string, Authorization>();
  let next = 0;
  return {
    stored,
    catalog,
    clock: { now: () => new Date('2031-01-01T00:00:00.000Z') },
    ids: { next: () => `id-${next++}` },
    secrets: { next: () => `secret-${next++}` },
    sealer: {
      seal: (text: string) => Promise.resolve(`sealed:${Buffer.from(text).toString('base64')}`),
      open: (sealed: string) => Promise.resolve(Buffer.from(sealed.slice(7), 'base64').toString()),
    },
    addresses: { returnOrigins: ['https://platform.example'], toProvider: ({ href }: URL) => href },
    oauthClients: { find: () => Promise.resolve(undefined) },
    discovery: { discover: () => Promise.resolve(discovered) },
    authorizations: {
      create: async (created: Omit<Authorization, 'revision'>) => {
        stored.set(created.id, { ...created, revision: 'r' });
      },
      find: (id: string) => Promise.resolve(stored.get(id)),
      replace: async (_before: Authorization, after: Omit<Authorization, 'revision'>) => {
        const replaced = { ...after, revision: 'r' };
        stored.set(after.id, replaced);
        return replaced;
      },
    },
  };
}

async function start(providerId: string, ports: ReturnType<typeof portsWith>) {
  const provider = catalog.get(providerId);
  if (provider === undefined) throw new Error(`no ${providerId}`);
  const fields = sampleCredentials(providerId);
  const target = { kind: 'create', flowId: 'flow', stepId: 'step' } as const;
  const [projectId, userId, returnTo] = ['project', 'ada', 'https://platform.example/returned'];
  const request = {
    projectId,
    userId,
    apiUrl: 'https://api.example.com',
    provider,
    target,
    returnTo,
    fields,
  };
  return { fields, started: await startAuthorization(request, ports) };
}

describe('an authorization at a server that a user names', () => {
  it.each(['custom-oauth2', 'remote-mcp'])('is stored without the secret of its client: %s', async (id) => {
    const ports = portsWith();
    const { fields, started } = await start(id, ports);
    const stored = JSON.stringify([...ports.stored.values()]);
    for (const secret of [fields.clientSecret, 'CANARY-registered']) {
      if (secret !== undefined) expect(stored + started.authorizationUrl).not.toContain(secret);
    }
    const [authorization] = ports.stored.values();
    const opened: object = JSON.parse(await ports.sealer.open(authorization?.sealedFields ?? ''));
    expect(opened).toMatchObject(fields);
  });

  it('asks for the resource and the scopes that were discovered, with PKCE', async () => {
    const { started } = await start('remote-mcp', portsWith());
    const { origin, pathname, searchParams } = new URL(started.authorizationUrl);
    expect(`${origin}${pathname}`).toBe('https://auth.example.com/authorize');
    expect(Object.fromEntries(searchParams)).toMatchObject({
      client_id: 'client-1',
      resource: 'https://mcp.example.com/mcp',
      scope: 'read write',
      code_challenge_method: 'S256',
      redirect_uri: started.redirectUri,
    });
  });

  it.each<[string, Partial<Extract<Discovery, { outcome: 'ok' }>>, Record<string, string>, boolean]>([
    ['without an issuer', {}, {}, true],
    ['with its issuer', {}, { iss: ISSUER }, true],
    ['with another issuer', {}, { iss: 'https://evil.example' }, false],
    ['with its issuer in another form', {}, { iss: `${ISSUER}/` }, false],
    ['without the issuer that it promised', { isIssuerSent: true }, {}, false],
    ['with the issuer that it promised', { isIssuerSent: true }, { iss: ISSUER }, true],
  ])('returns %s: %#', async (_, changed, parameters, isAccepted) => {
    const ports = portsWith({ ...FOUND, ...changed });
    const { started } = await start('remote-mcp', ports);
    const state = new URL(started.authorizationUrl).searchParams.get('state') ?? '';
    const client = started.redirectUri.split('/').at(-1) ?? '';
    const returned = await handleCallback(client, { state, code: 'code', ...parameters }, ports);
    const { searchParams } = new URL(returned ?? '');
    expect(searchParams.has('completion')).toBe(isAccepted);
    expect(searchParams.get('error')).toBe(isAccepted ? null : 'provider_error');
  });

  it("does not take the code at another server's redirect URI", async () => {
    const ports = portsWith();
    const { started } = await start('remote-mcp', ports);
    const state = new URL(started.authorizationUrl).searchParams.get('state') ?? '';
    const other = await start('remote-mcp', portsWith({ ...FOUND, issuer: 'https://evil.example' }));
    const client = other.started.redirectUri.split('/').at(-1) ?? '';
    expect(await handleCallback(client, { state, code: 'code' }, ports)).toBeNull();
    expect(digestOf(started.redirectUri)).not.toBe(digestOf(other.started.redirectUri));
  });

  it.each<[string, Discovery, object]>([
    [
      'cannot be used',
      { outcome: 'unsupported', message: 'needs no authorization' },
      { code: 'invalid_request', errors: [{ path: 'fields.server', message: 'needs no authorization' }] },
    ],
    ['is down', { outcome: 'unavailable' }, { code: 'provider_unavailable' }],
    [
      'names an endpoint that is not allowed',
      { ...FOUND, values: { ...FOUND.values, authorizeUrl: 'javascript:alert(1)' } },
      { code: 'invalid_request' },
    ],
  ])('is not started where the server %s', async (_, discovered, problem) => {
    const ports = portsWith(discovered);
    await expect(start('remote-mcp', ports)).rejects.toMatchObject({ problem });
    expect(ports.stored.size).toBe(0);
  });
});
