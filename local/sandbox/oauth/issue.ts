import type { ProviderResponse } from '../../../shared/catalog/responses.ts';
import { type Grant, makeJwt, makeToken } from './grants.ts';
import { accessTokenLifetime } from './lifetimes.ts';
import { claimQuery } from './metadata.ts';
import type { OAuth2, OAuthProvider } from './provider.ts';
import type { TokenSettings } from './settings.ts';
import type { OAuthState } from './state.ts';
import { TokenError, tokenResponse } from './token-response.ts';

/** Token request of an authenticated client. */
export interface TokenRequest {
  readonly provider: OAuthProvider;
  readonly parameters: Readonly<Record<string, string>>;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly accept: string;
  readonly settings: TokenSettings;
  readonly state: OAuthState;
  readonly now: Date;
}

/** Issues an access token, stores the changed grant, and only then responds. */
export function issue(
  request: Omit<TokenRequest, 'clientId' | 'clientSecret'>,
  grant: Grant,
  refreshToken?: string,
  defaultSeconds?: number,
): ProviderResponse {
  const { provider, settings, state, accept, now } = request;
  const accessToken = makeAccessToken(provider.oauth2, grant);
  const { seconds, expiresIn } = accessTokenLifetime(provider.oauth2, settings, defaultSeconds);
  const expiresAt = seconds === null ? null : now.getTime() + seconds * 1_000;
  const accessTokens = [...grant.accessTokens, { digest: accessToken.digest, expiresAt }];
  state.grants.save({ ...grant, accessTokens });
  return tokenResponse(
    provider.oauth2,
    grant,
    {
      accessToken: accessToken.text,
      refreshToken,
      expiresIn,
      refreshTokenSeconds: settings.refreshTokenSeconds,
    },
    accept,
  );
}

/** Creates the error of a code, token or assertion that is not accepted. */
export function invalidGrant(description: string): TokenError {
  return new TokenError('invalid_grant', description);
}

/** Makes up an access token; a JWT with the grant's id as claim, where the entry reads claims of it. */
function makeAccessToken(oauth2: OAuth2, { id }: Grant) {
  const claims = Object.values(claimQuery(oauth2)).map((name) => [name, id] as const);
  return claims.length === 0 ? makeToken('at') : makeJwt(Object.fromEntries(claims));
}
