import type { ProviderResponse } from '../../../shared/catalog/responses.ts';
import type { SandboxRequest } from '../request.ts';
import type { MatchedEndpoint } from './endpoints.ts';
import { grantTypesOf, knownScopes, type OAuthProvider } from './provider.ts';
import type { OAuthState } from './state.ts';

/** Request to an OAuth 2.0 endpoint. */
export interface EndpointCall {
  readonly request: SandboxRequest;
  readonly body: string;
  readonly endpoint: MatchedEndpoint;
  readonly state: OAuthState;
}

/** Response of an OAuth 2.0 endpoint, its provider, and the outcome as the request log names it. */
export interface EndpointOutcome {
  readonly provider: OAuthProvider;
  readonly outcome: string;
  readonly response: ProviderResponse;
}

/** Property that distinguishes the providers of a shared endpoint, before any of them has issued a token. */
interface Asked {
  readonly grantType: string | undefined;
  /** Requested scopes, separated as the provider does. */
  readonly scope: string | undefined;
}

/**
 * Returns the provider that issued a code or token, of those that share the endpoint. For an unknown one: of those that
 * the grant type belongs to, the one that the requested scopes are of, or the first.
 */
export function providerOf(
  { candidates }: MatchedEndpoint,
  codeOrToken: string | undefined,
  { grants }: OAuthState,
  asked?: Asked,
): OAuthProvider {
  const providers = candidates.map(({ provider }) => provider);
  const issuer = codeOrToken === undefined ? undefined : grants.find(codeOrToken)?.provider;
  const withGrant = providers.filter((each) => grantTypesOf(each).includes(asked?.grantType ?? ''));
  const chosen =
    providers.find(({ id }) => id === issuer) ??
    withGrant.find((each) => hasScopes(each, asked?.scope ?? '')) ??
    withGrant[0] ??
    providers[0];
  if (chosen === undefined) throw new Error('an endpoint belongs to a provider');
  return chosen;
}

/** Returns true where a request asks for all scopes of a provider, and for no others. */
function hasScopes({ oauth2 }: OAuthProvider, scope: string): boolean {
  const asked = scope.split(oauth2.scopes.separator ?? ' ');
  const known = knownScopes(oauth2);
  return asked.every((each) => known.includes(each)) && known.every((each) => asked.includes(each));
}
