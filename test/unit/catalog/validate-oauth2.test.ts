import { describe, expect, it } from 'vitest';
import type { ProviderEntry } from '../../../shared/catalog/schema.ts';
import { validateEntry } from '../../../shared/catalog/validate.ts';
import { providerEntry } from '../../harness/provider-entry.ts';

type OAuth2 = NonNullable<ProviderEntry['oauth2']>;

const PAGE = 'https://docs.example.com/oauth';
const SOURCES = {
  authorize: PAGE,
  token: PAGE,
  scopes: PAGE,
  refresh: PAGE,
  longLived: PAGE,
  metadata: PAGE,
};
const OWN = { url: 'https://acme.example/exchange', grantType: 'exchange', parameters: {} };

const code: OAuth2 = {
  client: 'acme',
  authorizeUrl: 'https://acme.example/authorize',
  tokenUrl: 'https://acme.example/token',
  scopes: { required: [] },
  pkce: true,
  token: { clientAuthentication: 'basic' },
  sources: SOURCES,
};
const own: OAuth2 = {
  tokenUrl: 'https://acme.example/token',
  scopes: { required: [] },
  pkce: false,
  token: { clientAuthentication: 'basic' },
  sources: SOURCES,
};

function field(name: string, properties: object = {}) {
  return { name, label: name, secret: true, required: true, pattern: '^[^]+$', ...properties };
}

function issues(
  type: string,
  fields: object[],
  oauth2: object | undefined,
  properties: object = {},
): string[] {
  const { expiry: _, ...entry } = providerEntry();
  const send = { headers: { authorization: 'Bearer {accessToken}' } };
  const candidate = { ...entry, send, auth: { type, fields }, ...(oauth2 && { oauth2 }), ...properties };
  return (validateEntry(candidate).issues ?? []).map(({ path, message }) => `${path}: ${message}`);
}

const clientFields = [field('clientId', { secret: false }), field('clientSecret')];
const keyFields = [field('serviceAccountKey')];

describe('a grant', () => {
  it.each([
    ['oauth2', [], code],
    ['oauth2_client_credentials', clientFields, own],
    ['service_account', keyFields, { ...own, token: { clientAuthentication: 'none' } }],
    [
      'oauth2_client_credentials',
      [...clientFields, field('account')],
      {
        ...own,
        token: { clientAuthentication: 'basic', grantType: 'account', parameters: { account: '{account}' } },
      },
    ],
    ['oauth2', [], { ...code, longLived: { exchange: OWN } }],
    ['oauth2', [], { ...code, longLived: { exchange: OWN, refresh: OWN }, refresh: { rotation: 'each' } }],
  ])('of %s is valid with what it needs', (type, fields, oauth2) => {
    expect(issues(type, fields, oauth2)).toEqual([]);
  });

  it.each([
    ['oauth2', [], undefined, 'oauth2: belongs to entries with auth.type'],
    ['api_key', [field('token')], code, 'oauth2: belongs to entries with auth.type'],
    ['oauth2', [], { ...code, client: undefined }, 'oauth2.client: is needed'],
    ['oauth2', [], { ...code, authorizeUrl: undefined }, 'oauth2.authorizeUrl: is needed'],
    ['oauth2_client_credentials', clientFields, code, 'oauth2.client: has no use'],
    [
      'oauth2_client_credentials',
      clientFields,
      { ...own, refresh: { rotation: 'none' } },
      'oauth2.refresh: has no use',
    ],
    [
      'oauth2_client_credentials',
      [field('clientId')],
      own,
      'auth.fields: oauth2_client_credentials needs the required field clientSecret',
    ],
    [
      'oauth2_client_credentials',
      [field('clientId'), field('clientSecret', { secret: false })],
      own,
      'auth.fields: the field clientSecret must be secret',
    ],
    ['service_account', keyFields, own, 'oauth2.token.clientAuthentication: is none'],
    [
      'oauth2',
      [],
      { ...code, token: { clientAuthentication: 'none' } },
      'oauth2.token.clientAuthentication: is none',
    ],
    [
      'oauth2',
      [],
      { ...code, token: { clientAuthentication: 'body', grantType: 'x' } },
      "oauth2.token.grantType: is of a project's own client",
    ],
    [
      'oauth2',
      [],
      { ...code, token: { clientAuthentication: 'body', parameters: { a: '{b}' } } },
      'oauth2.token.parameters: {b} is not known',
    ],
    [
      'oauth2',
      [],
      { ...code, longLived: { exchange: OWN, refresh: OWN } },
      'oauth2.refresh: has rotation each',
    ],
    [
      'oauth2',
      [],
      { ...code, longLived: { exchange: OWN }, refresh: { rotation: 'none' } },
      'oauth2.refresh: has rotation each',
    ],
    [
      'oauth2',
      [],
      { ...code, longLived: { exchange: { ...OWN, parameters: { a: '{secret}' } } } },
      'oauth2.longLived.exchange: {secret} is none of',
    ],
    [
      'oauth2',
      [],
      { ...code, refresh: { rotation: 'none' }, sources: { token: PAGE, scopes: PAGE } },
      'oauth2.sources.refresh: is missing',
    ],
    [
      'oauth2',
      [],
      { ...code, authorizeUrl: 'https://{shop}.acme.example/authorize' },
      'oauth2.authorizeUrl: {shop} is not known',
    ],
  ])('of %s is refused: %#', (type, fields, oauth2, issue) => {
    expect(issues(type, fields, oauth2).join('\n')).toContain(issue);
  });
});

describe('a value that is kept', () => {
  const metadata = { url: 'https://acme.example/me', headers: { authorization: 'Bearer {accessToken}' } };
  const keep = { siteUrl: { read: 'metadata.url', sample: 'https://{name}.acme.example' } };
  const derived = { site: { from: 'siteUrl', pattern: '^https://([a-z\\-]+)\\.acme\\.example$' } };

  it('may name the host by what is cut out of it', () => {
    const baseUrl = 'https://{site}.acme.example';
    expect(issues('oauth2', [], { ...code, keep, metadata }, { derived, baseUrl })).toEqual([]);
  });

  it.each([
    [{ ...code, keep }, {}, 'oauth2.metadata: is needed'],
    [{ ...code, metadata }, {}, 'oauth2.metadata: is needed'],
    [
      { ...code, keep: { accessToken: { read: 'token.x' } } },
      {},
      'oauth2.keep.accessToken: is the name of another value',
    ],
    [
      { ...code, keep: { site: { read: 'token.x' } } },
      { derived },
      'oauth2.keep.site: is the name of another value',
    ],
    [
      { ...code, keep, metadata: { ...metadata, query: { a: '{code}' } } },
      {},
      'oauth2.metadata: {code} is neither',
    ],
    [
      { ...code, keep, metadata },
      { baseUrl: 'https://{siteUrl}.acme.example' },
      'baseUrl: the host part {siteUrl} must have a pattern',
    ],
    [code, { derived }, 'derived.site: no field named siteUrl'],
  ])('is refused: %#', (oauth2, properties, issue) => {
    expect(issues('oauth2', [], oauth2, properties).join('\n')).toContain(issue);
  });
});
