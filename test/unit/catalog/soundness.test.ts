import { describe, expect, it } from 'vitest';
import { type Provider, providerSchema } from '../../../shared/catalog/schema.ts';

const url = 'https://docs.example.com/auth';
const field = { name: 'token', label: 'Token', secret: true, required: true, pattern: '^[a-z]+$' };
const sound: Provider = {
  id: 'example',
  name: 'Example',
  category: 'productivity',
  docsUrl: url,
  auth: { type: 'api_key', fields: [field] },
  baseUrl: 'https://api.example.com',
  send: { headers: { authorization: 'Bearer {token}' } },
  probe: { method: 'GET', path: '/me' },
  account: { id: '{body.id}', labels: ['{body.name}'] },
  responseRules: [
    { status: [200], outcome: 'ok' },
    { status: [401], body: { path: 'error' }, outcome: 'access_revoked' },
  ],
  cadence: 'hour',
  sources: { authentication: url, probe: url, errors: url },
};

function faults(change: object): string[] {
  const result = providerSchema.safeParse({ ...sound, ...change });
  return result.success
    ? []
    : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const site = { ...field, name: 'site', secret: false };

describe('a provider entry', () => {
  it('is taken when everything in it leads somewhere', () => {
    expect(faults({})).toEqual([]);
  });

  it.each([
    'http://api.example.com',
    'https://{token}',
    'https://{token}/x',
    'https://{token}.com',
    'https://api.{token}.com',
    'https://api{token}.example.com',
    'https://api.example.com:8443',
    'https://user@example.com',
    'https://api.example.com/path',
    'https://127.0.0.1',
  ])('may not be reached at %s', (baseUrl) => {
    expect(faults({ baseUrl }).join()).toMatch(/baseUrl/);
  });

  it.each([
    [{ send: { headers: { authorization: 'Bearer {tokn}' } } }, /\{tokn\} is neither a field nor derived/],
    [{ send: {} }, /the field token is never sent/],
    [{ auth: { type: 'api_key', fields: [field, field] } }, /two fields named token/],
    [{ auth: { type: 'api_key', fields: [{ ...field, pattern: undefined }] } }, /must have a pattern/],
    [{ auth: { type: 'api_key', fields: [{ ...field, pattern: '[a-z]+' }] } }, /must be anchored/],
    [{ auth: { type: 'api_key', fields: [{ ...field, pattern: '^[$' }] } }, /not a valid pattern/],
    [{ auth: { type: 'api_key', fields: [] } }, /must have a field/],
    [{ account: { id: '{field.token}', labels: ['{body.name}'] } }, /\{field\.token\} is no reading/],
    [{ account: { id: 'always', labels: ['{body.name}'] } }, /reads nothing/],
    [{ derived: { dc: { from: 'key', pattern: '-(.*)$' } } }, /no field named key/],
    [
      {
        responseRules: [
          { status: [200], outcome: 'ok' },
          { status: [429], outcome: 'rate_limited' },
        ],
      },
      /access_revoked/,
    ],
    [{ auth: { type: 'oauth2', fields: [] } }, /exactly where auth\.type is oauth2/],
    [{ probe: { method: 'GET', path: '/me?key=1' } }, /hold no query/],
    [{ unknown: true }, /Invalid input/],
  ])('is refused: %j', (change, message) => {
    expect(faults(change).join('\n')).toMatch(message);
  });

  it.each([
    [{ baseUrl: 'https://{more}.example.com' }],
    [{ probe: { method: 'GET', path: '/{more}' } }],
    [{ expiry: { read: 'body.end', request: { method: 'GET', path: '/{more}' } } }],
    [{ send: { basic: { username: '{token}', password: '{more}' } } }],
    [{ derived: { dc: { from: 'more', pattern: '-(.*)$' } } }],
  ])('lets no field be left out that the request cannot be made without: %j', (change) => {
    const fields = [field, { ...site, name: 'more', required: false }];
    const told = faults({ auth: { type: 'custom', fields }, ...change }).join();
    expect(told).toMatch(/the field more must be required/);
  });

  it('lets a field be left out that goes in a header', () => {
    const fields = [field, { ...field, name: 'team', required: false }];
    const send = { headers: { authorization: 'Bearer {token}', 'x-team': '{team}' } };
    expect(faults({ auth: { type: 'custom', fields }, send })).toEqual([]);
  });

  it('lets a patterned, open field name the site', () => {
    const auth = { type: 'basic', fields: [field, site] };
    expect(faults({ auth, baseUrl: 'https://{site}.example.com' })).toEqual([]);
  });

  it('can be an OAuth2 one', () => {
    const oauth2 = {
      authorizeUrl: 'https://example.com/authorize',
      tokenUrl: 'https://example.com/token',
      scopes: ['read'],
      pkce: true,
      clientAuthentication: 'basic',
      rotatesRefreshToken: true,
    };
    const send = { headers: { authorization: 'Bearer {accessToken}' } };
    expect(faults({ auth: { type: 'oauth2', fields: [] }, oauth2, send })).toEqual([]);
  });
});
