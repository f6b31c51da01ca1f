import type { ProviderResponse } from '../../../shared/catalog/responses.ts';
import { withParsedBody } from '../control-body.ts';
import type { SandboxRequest } from '../request.ts';
import { jsonResponse } from '../respond.ts';
import { type Grant, isAlive } from './grants.ts';
import { nextConsent, tokenSettings } from './settings.ts';
import type { OAuthState } from './state.ts';

/** Responds to a control of the authorization servers; undefined for a route that does not exist. */
export function controlOAuth(
  route: string,
  id: string,
  request: SandboxRequest,
  body: string,
  state: OAuthState,
): ProviderResponse | undefined {
  const hasProvider = (name: string) => state.providers.some((provider) => provider.id === name);
  switch (route) {
    case 'POST consent':
      return withParsedBody(nextConsent, body, ({ provider, ...decision }) => {
        if (!hasProvider(provider)) return noProvider();
        state.consents.set(provider, decision);
        return jsonResponse(200, { provider, ...decision });
      });
    case 'GET grants': {
      const now = new Date();
      const grants = state.grants.list(request.query.get('provider'));
      return jsonResponse(200, { items: grants.map((grant) => view(grant, now)) });
    }
    case 'DELETE grants/:id':
      return state.grants.list(null).some((grant) => grant.id === id)
        ? revoke(id, state)
        : jsonResponse(404, { error: 'no such grant' });
    case 'PUT tokens/:id':
      return withParsedBody(tokenSettings, body, (settings) => {
        if (!hasProvider(id)) return noProvider();
        state.settings.set(id, settings);
        return jsonResponse(200, { provider: id, ...settings });
      });
    default:
      return undefined;
  }
}

function view(grant: Grant, now: Date) {
  const { id, account, scopes, refreshed } = grant;
  return { id, account, scopes, refreshed, alive: isAlive(grant, now) };
}

function revoke(id: string, { grants }: OAuthState): ProviderResponse {
  grants.revoke((grant) => grant.id === id);
  return { status: 204, headers: {}, body: '' };
}

function noProvider(): ProviderResponse {
  return jsonResponse(404, { error: 'no such provider with OAuth 2.0' });
}
