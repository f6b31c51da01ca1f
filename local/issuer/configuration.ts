import { randomBytes } from 'node:crypto';
import {
  type AdapterFactory,
  type ClientMetadata,
  type Configuration,
  errors,
  type KoaContextWithOIDC,
  type ResourceServer,
} from 'oidc-provider';
import { DEFAULT_SCOPE, SIGNED_IN_PATH, SIGNED_OUT_PATH } from '../../shared/contract/console.ts';
import type { DemoUser } from '../users.ts';
import { errorPage, PAGE_HEADERS, signOutPage } from './pages.ts';
import type { IssuerData } from './signing-keys.ts';

/** The web console: a public client, authorization code with PKCE. */
export const CONSOLE_CLIENT = 'connections-console';
/** The API as a resource indicator (RFC 8707); the tokens' `aud` is the audience. */
export const API_RESOURCE = 'urn:connections:api';
const TOKEN_LIFETIME_S = 12 * 60 * 60;

interface ConfigurationParts {
  readonly keys: IssuerData['keys'];
  readonly audience: string;
  readonly users: readonly DemoUser[];
  /** Keeps the console's registration too, which names origins that are known later. */
  readonly adapter: AdapterFactory;
  /** True for an origin of the console. */
  readonly isConsole: (origin: string) => boolean;
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
    adapter: parts.adapter,
    jwks: { keys: parts.keys },
    clientBasedCORS: (_context, origin) => parts.isConsole(origin),
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    findAccount: (_context, id) => findAccount(parts.users, id),
    loadExistingGrant: (context) => grantAllScopes(context),
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    renderError: (context, out) => respondWith(context, errorPage(out.error_description ?? out.error)),
    // As Cognito does, to every client that may renew; rotated at each use, as for all public clients.
    issueRefreshToken: async (_context, client) => client.grantTypeAllowed('refresh_token'),
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: async (context, form) => respondWith(context, signOutPage(form)),
      },
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
      RefreshToken: TOKEN_LIFETIME_S,
      Session: TOKEN_LIFETIME_S,
    },
  };
}

function respondWith(context: KoaContextWithOIDC, html: string): void {
  context.set(PAGE_HEADERS);
  context.body = html;
}

/** Describes the console as a client: it signs in from these origins, and returns to them. */
export function consoleClient(origins: Iterable<string>): ClientMetadata {
  const all = [...origins];
  return {
    client_id: CONSOLE_CLIENT,
    client_name: 'Connections console',
    token_endpoint_auth_method: 'none',
    redirect_uris: all.map((origin) => `${origin}${SIGNED_IN_PATH}`),
    post_logout_redirect_uris: all.map((origin) => `${origin}${SIGNED_OUT_PATH}`),
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token'],
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
  grant.addOIDCScope(DEFAULT_SCOPE);
  await grant.save();
  return grant;
}
