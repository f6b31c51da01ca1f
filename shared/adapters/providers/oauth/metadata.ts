import { atPath, parseResponse } from '../../../catalog/responses.ts';
import { fillAll } from '../../../catalog/templates.ts';
import type { OAuthParty } from '../../../domain/credentials/oauth.ts';
import { requireOAuth2 } from '../../../domain/credentials/tokens.ts';
import { fillAddress } from '../request.ts';
import { EndpointUnavailable, type SendContext } from './normalize.ts';

/**
 * Requests the provider's metadata of a new access token, beside the token response; undefined where the entry has no such
 * request.
 *
 * @throws EndpointUnavailable, ProviderError: without it the tokens are of no use.
 */
export async function readMetadata(
  { provider, fields }: OAuthParty,
  accessToken: string,
  { client, signal }: SendContext,
): Promise<unknown> {
  const { metadata } = requireOAuth2(provider);
  if (!metadata) return undefined;
  const lookUp = (name: string) =>
    name === 'accessToken' ? accessToken : claimOf(accessToken, name.slice('claims.'.length));
  const url = fillAddress(metadata.url, fields);
  if (!url) throw new EndpointUnavailable(undefined);
  for (const [name, value] of Object.entries(fillAll(metadata.query, lookUp)))
    url.searchParams.set(name, value);
  const headers = { accept: 'application/json', ...fillAll(metadata.headers, lookUp) };
  const response = parseResponse(await client({ method: 'GET', url, headers }, signal));
  if (response.status !== 200 || response.json === undefined) throw new EndpointUnavailable(undefined);
  return response.json;
}

/** Reads a claim. The token came from the provider over TLS a moment ago, so that its signature is not verified. */
function claimOf(token: string, name: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const claim = atPath(claims, name);
    return typeof claim === 'string' ? claim : undefined;
  } catch {
    return undefined;
  }
}
