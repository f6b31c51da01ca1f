import { placeholders } from '../../../shared/catalog/templates.ts';
import { jsonResponse } from '../respond.ts';
import { recordOf } from './grants.ts';
import { type EndpointCall, type EndpointOutcome, providerOf } from './outcome.ts';
import type { OAuth2 } from './provider.ts';
import { documentedValues, withValues } from './token-response.ts';

/** Responds to the request of an entry's `metadata` with the values that the entry reads there. */
export function respondToMetadataRequest({ request, endpoint, state }: EndpointCall): EndpointOutcome {
  const token = /\S+$/.exec(request.headers.authorization ?? '')?.[0] ?? '';
  const provider = providerOf(endpoint, token, state);
  const { metadata } = provider.oauth2;
  const grant = state.grants.find(token);
  const record = grant && recordOf(grant.accessTokens, token);
  const scheme = metadata?.headers.authorization?.replace('{accessToken}', token);
  const isKnown = grant?.provider === provider.id && !grant.revoked && record !== undefined;
  if (!isKnown || request.method !== 'GET' || request.headers.authorization !== scheme) {
    return { provider, outcome: 'invalid_token', response: jsonResponse(401, { error: 'invalid_token' }) };
  }
  const isOther = Object.keys(claimQuery(provider.oauth2)).some(
    (name) => request.query.get(name) !== grant.id,
  );
  const values = isOther ? [] : documentedValues(provider.oauth2, 'metadata', grant);
  return { provider, outcome: 'ok', response: jsonResponse(200, withValues(values)) };
}

/** Returns the query parameters that hold a claim of the access token, with the name of the claim. */
export function claimQuery({ metadata }: OAuth2): Readonly<Record<string, string>> {
  const claims = Object.entries(metadata?.query ?? {}).flatMap(([name, template]) =>
    placeholders(template)
      .filter((placeholder) => placeholder.startsWith('claims.'))
      .map((placeholder) => [name, placeholder.slice('claims.'.length)] as const),
  );
  return Object.fromEntries(claims);
}
