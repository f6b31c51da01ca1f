import type { ProviderResponse } from '../../../shared/catalog/responses.ts';
import type { SandboxRequest } from '../request.ts';
import type { MatchedEndpoint } from './endpoints.ts';
import { grantTypesOf, type OAuthProvider } from './provider.ts';
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

/**
 * Returns the provider that issued a code or token, of those that share the endpoint; for an unknown one the first, of
 * those that the grant type belongs to.
 */
export function providerOf(
  { candidates }: MatchedEndpoint,
  codeOrToken: string | undefined,
  { grants }: OAuthState,
  grantType?: string,
): OAuthProvider {
  const issuer = codeOrToken === undefined ? undefined : grants.find(codeOrToken)?.provider;
  const hasGrant = ({ provider }: (typeof candidates)[number]) =>
    grantTypesOf(provider).includes(grantType ?? '');
  const chosen =
    candidates.find(({ provider }) => provider.id === issuer) ?? candidates.find(hasGrant) ?? candidates[0];
  if (chosen === undefined) throw new Error('an endpoint belongs to a provider');
  return chosen.provider;
}
