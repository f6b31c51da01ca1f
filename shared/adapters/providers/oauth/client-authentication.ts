import * as oauth from 'oauth4webapi';
import type { OAuthClient, OAuthParty } from '../../../domain/credentials/oauth.ts';
import type { OAuth2 } from '../../../domain/credentials/tokens.ts';

/** Sends nothing of a client. */
export const noAuthentication: oauth.ClientAuth = () => undefined;

/** Returns how the client of a request to the token endpoint authenticates. */
export function authenticationOf({ client, provider }: OAuthParty, { token }: OAuth2): oauth.ClientAuth {
  switch (token.clientAuthentication) {
    case 'basic':
      return (_server, _client, _body, headers) => headers.set('authorization', basicAuthorization(client));
    case 'body':
      return oauth.ClientSecretPost(client.clientSecret);
    case 'none':
      // A public client sends its id; a service account has none.
      return provider.auth.type === 'service_account' ? noAuthentication : oauth.None();
  }
}

/**
 * Returns the header of HTTP Basic (RFC 6749, section 2.3.1). The library's own encodes `-` and `_` too. Providers whose ids
 * hold them document plain Base64, and may not decode them: https://developers.notion.com/docs/authorization
 */
export function basicAuthorization({ clientId, clientSecret }: OAuthClient): string {
  const encoded = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
  return `Basic ${Buffer.from(encoded).toString('base64')}`;
}
