import { createPrivateKey, sign } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import * as z from 'zod/mini';
import { fillAll } from '../../../catalog/templates.ts';
import type { CodeGrant, OAuthParty } from '../../../domain/credentials/oauth.ts';
import { requireOAuth2 } from '../../../domain/credentials/tokens.ts';
import type { Clock } from '../../../domain/operation-context.ts';
import { MalformedCredentials, type OwnGrant, type TokenCall } from './token-call.ts';

/** Lifetime of an assertion; Google allows an hour: https://developers.google.com/identity/protocols/oauth2/service-account */
const ASSERTION_SECONDS = 300;

/** The parts of Google's JSON key that the project reads. Its `token_uri` is not used: it could lead anywhere. */
const serviceAccountKey = z.object({
  client_email: z.string().check(z.minLength(1)),
  private_key: z.string().check(z.minLength(1)),
  private_key_id: z.optional(z.string()),
});

/** Exchanges the code of a redirect (RFC 6749, section 4.1.3). */
export async function exchangeCode(
  { server, oauthClient, authentication, requestOptions }: TokenCall,
  { code, codeVerifier, redirectUri }: CodeGrant,
): Promise<oauth.TokenEndpointResponse> {
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    oauthClient,
    authentication,
    oauth.validateAuthResponse(server, oauthClient, new URLSearchParams({ code }), oauth.skipStateCheck),
    redirectUri,
    codeVerifier ?? oauth.nopkce,
    requestOptions,
  );
  return oauth.processAuthorizationCodeResponse(server, oauthClient, response);
}

/** Refreshes (RFC 6749, section 6), at the endpoint that the entry names for it. */
export async function refresh(
  { server, oauthClient, authentication, requestOptions }: TokenCall,
  { provider, fields }: OAuthParty,
): Promise<oauth.TokenEndpointResponse> {
  const { url, parameters } = requireOAuth2(provider).refresh ?? {};
  const additional = {
    ...requestOptions.additionalParameters,
    ...fillAll(parameters, (name) => fields[name]),
  };
  const response = await oauth.refreshTokenGrantRequest(
    url === undefined ? server : { ...server, token_endpoint: url },
    oauthClient,
    authentication,
    fields.refreshToken ?? '',
    { ...requestOptions, additionalParameters: additional },
  );
  return oauth.processRefreshTokenResponse(server, oauthClient, response);
}

/** Obtains a token by the project's own client credentials (RFC 6749, section 4.4), or a grant type like it. */
export function useClientCredentials(
  call: TokenCall,
  { provider }: OAuthParty,
): Promise<oauth.TokenEndpointResponse> {
  const { scopes, token } = requireOAuth2(provider);
  const scope = requestedScopes(scopes);
  return request(call, token.grantType ?? 'client_credentials', scope === '' ? {} : { scope });
}

/**
 * Obtains a token by an assertion that a service account's key signs (RFC 7523).
 *
 * @throws MalformedCredentials for a key that is not in Google's JSON form, or holds no RSA key.
 */
export async function useServiceAccount(
  call: TokenCall,
  party: OAuthParty,
  clock: Clock,
): Promise<oauth.TokenEndpointResponse> {
  return request(call, 'urn:ietf:params:oauth:grant-type:jwt-bearer', {
    assertion: signAssertion(party, call.server.token_endpoint ?? '', clock),
  });
}

function signAssertion({ provider, fields }: OAuthParty, audience: string, clock: Clock): string {
  const now = Math.floor(clock.now().getTime() / 1_000);
  try {
    const key = serviceAccountKey.parse(JSON.parse(fields.serviceAccountKey ?? ''));
    const claims = {
      iss: key.client_email,
      aud: audience,
      scope: requestedScopes(requireOAuth2(provider).scopes),
      iat: now,
      exp: now + ASSERTION_SECONDS,
    };
    return signJwt(claims, key);
  } catch {
    // The errors of JSON and of keys may quote what they could not read.
    throw new MalformedCredentials();
  }
}

/** Signs a JWT with RS256 (RFC 7518, section 3.3), by Node's own crypto. */
function signJwt(
  claims: Readonly<Record<string, string | number>>,
  { private_key, private_key_id: kid }: z.infer<typeof serviceAccountKey>,
): string {
  const key = createPrivateKey(private_key);
  if (key.asymmetricKeyType !== 'rsa') throw new MalformedCredentials();
  const parts = [{ alg: 'RS256', typ: 'JWT', ...(kid && { kid }) }, claims];
  const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}

/** Exchanges or renews a token by a grant type of the provider's own. */
export function useOwnGrant(
  call: TokenCall,
  { grantType, parameters }: OwnGrant,
  { client, accessToken }: Pick<OAuthParty, 'client'> & { readonly accessToken: string },
): Promise<oauth.TokenEndpointResponse> {
  return request(
    call,
    grantType,
    fillAll(parameters, (name) => ({ accessToken, ...client })[name]),
  );
}

async function request(
  { server, oauthClient, authentication, requestOptions: { additionalParameters, ...options } }: TokenCall,
  grantType: string,
  parameters: Record<string, string>,
): Promise<oauth.TokenEndpointResponse> {
  const response = await oauth.genericTokenEndpointRequest(
    server,
    oauthClient,
    authentication,
    grantType,
    { ...additionalParameters, ...parameters },
    options,
  );
  return oauth.processGenericTokenEndpointResponse(server, oauthClient, response);
}

function requestedScopes({
  required,
  optional = [],
  separator = ' ',
}: ReturnType<typeof requireOAuth2>['scopes']): string {
  return [...required, ...optional].join(separator);
}
