import type { ProviderEntry } from '../../../shared/catalog/schema.ts';
import { providerEntry } from '../../harness/provider-entry.ts';

const DOCS = 'https://docs.example.com/oauth';
const SOURCES = { authorize: DOCS, token: DOCS, scopes: DOCS, refresh: DOCS, revocation: DOCS };

type OAuth2 = NonNullable<ProviderEntry['oauth2']>;

function oauthEntry(id: string, oauth2: OAuth2, properties: Partial<ProviderEntry> = {}): ProviderEntry {
  const { expiry: _, ...entry } = providerEntry({ id });
  return {
    ...entry,
    auth: { type: 'oauth2', fields: [] },
    oauth2,
    send: { headers: { authorization: 'Bearer {accessToken}' } },
    ...properties,
  };
}

const PLAIN: OAuth2 = {
  client: 'plain',
  authorizeUrl: 'https://accounts.plain.example/oauth/authorize',
  tokenUrl: 'https://accounts.plain.example/oauth/token',
  issuer: 'https://accounts.plain.example',
  scopes: {
    required: ['calendar'],
    optional: ['email', 'offline'],
    granted: { read: 'token.scope' },
    neverReturned: ['offline'],
    aliases: { email: 'https://plain.example/email' },
  },
  pkce: true,
  authorizeParameters: { access_type: 'offline' },
  token: { clientAuthentication: 'body' },
  refresh: { rotation: 'none', unusedDays: 180 },
  revocation: {
    url: 'https://accounts.plain.example/oauth/revoke',
    token: 'refresh_token',
    request: 'rfc7009',
    ends: 'all_grants_of_user',
  },
  sources: SOURCES,
};

/** Conforming provider: form, client authentication in the body, no rotation, one revocation for all grants. */
export const plain = oauthEntry('plain', PLAIN);

/** Second provider at the endpoints and of the client of `plain`. */
export const plainMail = oauthEntry(
  'plain-mail',
  { ...PLAIN, scopes: { required: ['mail'], optional: ['email', 'offline'] } },
  { baseUrl: plain.baseUrl },
);

/** Provider with every quirk: Basic, JSON, nested tokens, commas, rotation with grace, errors with status 200. */
export const quirky = oauthEntry('quirky', {
  client: 'quirky',
  authorizeUrl: 'https://quirky.example/oauth/v2/authorize',
  tokenUrl: 'https://quirky.example/api/oauth.access',
  scopes: {
    required: ['read', 'write'],
    parameter: 'user_scope',
    separator: ',',
    granted: { read: 'token.authed_user.scope' },
  },
  pkce: false,
  token: {
    clientAuthentication: 'basic',
    request: 'json',
    root: 'authed_user',
    errorAt: { path: 'ok', code: 'error' },
    headers: { 'Quirky-Version': '2' },
    parameters: { state: '{callback.state}' },
    expiresAt: 'expires_at',
  },
  keep: {
    realmId: { read: 'callback.realmId', sample: '{digits}' },
    instanceUrl: { read: 'token.team.instance_url', sample: 'https://api.quirky.example' },
    redirectUri: { read: 'request.redirect_uri' },
  },
  refresh: {
    url: 'https://quirky.example/api/oauth.refresh?v=2',
    parameters: { redirect_uri: '{redirectUri}' },
    rotation: 'each',
    graceSeconds: 60,
    maxDays: 100,
  },
  revocation: {
    url: 'https://quirky.example/api/auth.revoke',
    token: 'access_token',
    request: 'bearer',
    ends: 'grant',
  },
  sources: SOURCES,
});

/** Provider of shops at hosts of their own: form responses unless JSON is asked for, tokens without an end. */
export const shop = oauthEntry(
  'shop',
  {
    client: 'shop',
    authorizeUrl: 'https://{shop}.shop.example/oauth/authorize',
    tokenUrl: 'https://{shop}.shop.example/oauth/access_token',
    scopes: { required: [] },
    pkce: false,
    token: {
      clientAuthentication: 'body',
      clientIdParameter: 'client_key',
      headers: { accept: 'application/json' },
      errorAt: { path: 'error', code: 'error' },
      accessTokenSeconds: null,
    },
    sources: SOURCES,
  },
  {
    auth: {
      type: 'oauth2',
      fields: [
        { name: 'shop', label: 'Shop', secret: false, required: true, pattern: '^[a-z0-9\\-]{1,40}$' },
      ],
    },
    baseUrl: 'https://{shop}.shop.example',
    account: { id: '{field.shop}:{body.id}', labels: ['{body.email}'] },
  },
);
