import { randomBytes } from 'node:crypto';
import { type Configuration, errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import type { DemoUser } from '../users.ts';
import { memoryAdapter } from './memory-adapter.ts';
import { errorPage } from './sign-in.ts';
import type { IssuerData } from './signing-keys.ts';

/** The web console: a public client, authorization code with PKCE. */
export const CONSOLE_CLIENT = 'connections-console';
/** The API as a resource indicator (RFC 8707); the tokens' `aud` is the audience. */
export const API_RESOURCE = 'urn:connections:api';
const TOKEN_LIFETIME_S = 12 * 60 * 60;
const OIDC_SCOPES = 'openid profile email';

interface ConfigurationParts {
  readonly keys: IssuerData['keys'];
  readonly audience: string;
  readonly users: readonly DemoUser[];
  readonly redirectUris: readonly string[];
}

/** Describes the API as a protected resource, with JWT access tokens of 12 hours. */
export function apiResource(audience: string): ResourceServer {
  return {
    scope: '',
    audience,
    accessTokenFormat: 'jwt',
    accessTokenTTL: TOKEN_LIFETIME_S,
    jwt: { sign: { alg: 'RS256' } },
  };
}

/** Sets everything that would otherwise have a development default, which the provider warns about. */
export function providerConfiguration(parts: ConfigurationParts): Configuration {
  return {
    adapter: memoryAdapter(),
    jwks: { keys: parts.keys },
    clients: [consoleClient(parts.redirectUris)],
    clientBasedCORS: (_context, origin) => parts.redirectUris.some((uri) => new URL(uri).origin === origin),
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    findAccount: (_context, id) => findAccount(parts.users, id),
    loadExistingGrant: (context) => grantAllScopes(context),
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    renderError: (context, out) => {
      context.type = 'html';
      context.body = errorPage(out.error_description ?? out.error);
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => API_RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource) => {
          if (resource !== API_RESOURCE) throw new errors.InvalidTarget();
          return apiResource(parts.audience);
        },
      },
    },
    ttl: {
      AccessToken: TOKEN_LIFETIME_S,
      AuthorizationCode: 60,
      Grant: TOKEN_LIFETIME_S,
      IdToken: TOKEN_LIFETIME_S,
      Interaction: 60 * 60,
      Session: TOKEN_LIFETIME_S,
    },
  };
}

function consoleClient(redirectUris: readonly string[]) {
  return {
    client_id: CONSOLE_CLIENT,
    client_name: 'Connections console',
    token_endpoint_auth_method: 'none' as const,
    redirect_uris: [...redirectUris],
    response_types: ['code' as const],
    grant_types: ['authorization_code'],
  };
}

function findAccount(users: readonly DemoUser[], id: string) {
  const user = users.find((candidate) => candidate.id === id);
  if (!user) return undefined;
  return { accountId: id, claims: () => ({ sub: id, name: user.name, email: user.email }) };
}

/** The console is the platform's own client, which needs no consent page. */
async function grantAllScopes(context: KoaContextWithOIDC) {
  const { client, session, provider } = context.oidc;
  if (!client || !session?.accountId) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(OIDC_SCOPES);
  await grant.save();
  return grant;
}
