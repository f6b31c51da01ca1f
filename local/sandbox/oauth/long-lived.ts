import type { ProviderResponse } from '../../../shared/catalog/responses.ts';
import type { SandboxRequest } from '../request.ts';
import { recordOf } from './grants.ts';
import { invalidGrant, issue, type TokenRequest } from './issue.ts';
import type { OAuth2 } from './provider.ts';
import { invalidClient, requireEncoding } from './token-request.ts';
import { TokenError } from './token-response.ts';

type OwnGrant = NonNullable<OAuth2['longLived']>['exchange'];

/** Lifetime of a long-lived token: https://developers.facebook.com/docs/facebook-login/access-tokens/refreshing */
const LONG_LIVED_SECONDS = 60 * 86_400;

/** Finds the entry's own grant of this type. */
export function ownGrantOf({ longLived }: OAuth2, grantType: string | undefined): OwnGrant | undefined {
  return [longLived?.exchange, longLived?.refresh].find(
    (own) => own !== undefined && own.grantType === grantType,
  );
}

/**
 * Checks that a request has the method and the parameters that the entry describes.
 *
 * @throws TokenError `invalid_request`, `invalid_client`.
 */
export function requireOwnForm(
  { parameters: templates }: OwnGrant,
  { method, headers }: SandboxRequest,
  parameters: TokenRequest['parameters'],
): void {
  requireEncoding(method, headers, 'query');
  const expected = ['grant_type', ...Object.keys(templates)];
  const missing = expected.find((name) => !parameters[name]);
  if (missing !== undefined && /\{client/.test(templates[missing] ?? '')) {
    throw invalidClient(`${missing} is missing.`);
  }
  const unknown = Object.keys(parameters).find((name) => !expected.includes(name));
  const problem = missing ?? unknown;
  if (problem !== undefined) throw new TokenError('invalid_request', `The parameter ${problem} is wrong.`);
}

/** Issues a long-lived token for one that still works. */
export function respondToOwnGrant(
  request: Omit<TokenRequest, 'clientId' | 'clientSecret'>,
  { parameters: templates, grantType }: OwnGrant,
): ProviderResponse {
  const { provider, parameters, state, now } = request;
  const [name = ''] = Object.entries(templates).find(([, template]) => template === '{accessToken}') ?? [];
  const sent = parameters[name] ?? '';
  const grant = state.grants.find(sent);
  const record = grant && recordOf(grant.accessTokens, sent);
  if (grant?.provider !== provider.id || record === undefined || grant.revoked) {
    throw invalidGrant('The token is unknown.');
  }
  if (record.expiresAt !== null && record.expiresAt <= now.getTime()) {
    throw invalidGrant('The token expired.');
  }
  const expected = Object.entries(templates).find(([, template]) => template === '{clientId}')?.[0];
  if (expected !== undefined && parameters[expected] !== grant.clientId) {
    throw invalidGrant('The token belongs to another client.');
  }
  const isRefresh = grantType === provider.oauth2.longLived?.refresh?.grantType;
  const refreshed = grant.refreshed + (isRefresh ? 1 : 0);
  // Responses to these requests are not nested.
  const { root: _, ...token } = provider.oauth2.token;
  const flat = { ...provider, oauth2: { ...provider.oauth2, token } };
  return issue({ ...request, provider: flat }, { ...grant, refreshed }, undefined, LONG_LIVED_SECONDS);
}
