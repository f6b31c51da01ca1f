// An own small authorization server rather than oidc-provider: a conforming one can neither nest its token response,
// nor return errors with status 200, nor read a JSON token request, all of which entries of the catalog describe.
import { setTimeout as wait } from 'node:timers/promises';
import type { ProviderResponse } from '../../../shared/catalog/responses.ts';
import { SLOW_MS } from '../faults.ts';
import type { SandboxRequest } from '../request.ts';
import { respondToAuthorization } from './authorize.ts';
import { respondToDiscovery } from './discovery.ts';
import { type EndpointKind, matchEndpoint } from './endpoints.ts';
import { respondToMetadataRequest } from './metadata.ts';
import type { EndpointCall, EndpointOutcome } from './outcome.ts';
import { respondToRevocation } from './revocation.ts';
import type { OAuthState } from './state.ts';
import { respondToTokenRequest } from './token.ts';

const ENDPOINTS: Readonly<Record<EndpointKind, (call: EndpointCall) => EndpointOutcome>> = {
  authorize: respondToAuthorization,
  token: respondToTokenRequest,
  metadata: respondToMetadataRequest,
  revocation: respondToRevocation,
};

/** Responds as an authorization server; undefined for a request to any other address. */
export async function respondAsAuthorizationServer(
  request: SandboxRequest,
  body: string,
  state: OAuthState,
): Promise<ProviderResponse | undefined> {
  const endpoint = matchEndpoint(request, state.providers);
  if (endpoint === undefined) return respondToDiscovery(request, body);
  const { provider, outcome, response } = ENDPOINTS[endpoint.kind]({ request, body, endpoint, state });
  state.requests.add({
    at: new Date().toISOString(),
    provider: provider.id,
    method: request.method,
    host: request.host,
    path: endpoint.path,
    outcome,
  });
  if (endpoint.kind === 'token' && state.settings.get(provider.id)?.mode === 'slow') await wait(SLOW_MS);
  return response;
}
