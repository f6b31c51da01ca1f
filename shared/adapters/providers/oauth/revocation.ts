import { fillAll } from '../../../catalog/templates.ts';
import type { OAuthParty, OAuthProvider } from '../../../domain/credentials/oauth.ts';
import { requireOAuth2 } from '../../../domain/credentials/tokens.ts';
import { type ProviderClient, ProviderError, type ProviderRequest } from '../client.ts';
import { fillAddress } from '../request.ts';
import { basicAuthorization } from './client-authentication.ts';

/**
 * Revokes a token at the provider's endpoint (RFC 7009, or as its entry says). Returns true without an endpoint, and for a
 * refusal, which means that the token is not valid any more; false for an endpoint that fails.
 */
export async function revoke(
  party: OAuthParty,
  tokens: Parameters<OAuthProvider['revoke']>[1],
  { client, timeoutMs }: { readonly client: ProviderClient; readonly timeoutMs: number },
): Promise<boolean> {
  const { revocation } = requireOAuth2(party.provider);
  if (!revocation) return true;
  const url = fillAddress(revocation.url, party.fields);
  const token = revocation.token === 'refresh_token' ? tokens.refreshToken : tokens.accessToken;
  if (url === undefined || token === undefined) return true;
  try {
    const request = { method: revocation.method ?? ('POST' as const), url, ...contentOf(party, token) };
    const { status } = await client(request, AbortSignal.timeout(timeoutMs));
    return status < 500 && status !== 429;
  } catch (error) {
    if (error instanceof ProviderError) return false;
    throw error;
  }
}

function contentOf(
  { provider, client }: OAuthParty,
  token: string,
): Pick<ProviderRequest, 'headers' | 'body'> {
  const { revocation, token: tokenEndpoint } = requireOAuth2(provider);
  const accept = 'application/json';
  if (revocation?.request === 'bearer') {
    const contentType = 'application/x-www-form-urlencoded';
    return { headers: { accept, 'content-type': contentType, authorization: `Bearer ${token}` }, body: '' };
  }
  const authentication = revocation?.clientAuthentication ?? tokenEndpoint.clientAuthentication;
  const { clientId, clientSecret } = client;
  const parameters = revocation?.parameters
    ? fillAll(revocation.parameters, (name) => ({ token, clientId, clientSecret })[name])
    : { token, ...(authentication === 'body' && { client_id: clientId, client_secret: clientSecret }) };
  const isJson = revocation?.request === 'json';
  return {
    headers: {
      accept,
      'content-type': isJson ? 'application/json' : 'application/x-www-form-urlencoded',
      ...(authentication === 'basic' && { authorization: basicAuthorization(client) }),
      // Such as the version of the API, which Notion requires of every request.
      ...tokenEndpoint.headers,
    },
    body: isJson ? JSON.stringify(parameters) : new URLSearchParams(parameters).toString(),
  };
}
