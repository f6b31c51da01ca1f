import * as oauth from 'oauth4webapi';
import { fillAll } from '../../../catalog/templates.ts';
import type { OAuthParty, TokenResult, TokenSet } from '../../../domain/credentials/oauth.ts';
import { type OAuth2, requireOAuth2 } from '../../../domain/credentials/tokens.ts';
import type { Clock } from '../../../domain/operation-context.ts';
import { type ProviderClient, ProviderError } from '../client.ts';
import { fillAddress } from '../request.ts';
import { authenticationOf, noAuthentication } from './client-authentication.ts';
import type { Cooldown } from './cooldown.ts';
import { readMetadata } from './metadata.ts';
import { EndpointUnavailable, type ReceivedTokens, sendNormalized } from './normalize.ts';
import { revoke } from './revocation.ts';
import { MalformedCredentials, type OwnGrant, type TokenCall } from './token-call.ts';
import { toTokenSet } from './token-set.ts';

/** Error codes that refuse a code, a refresh token or an assertion (RFC 6749, section 5.2). */
const REFUSED: readonly string[] = ['invalid_grant'];
/** Error codes that say that the client is set up wrongly. */
const CLIENT_ERRORS: readonly string[] = [
  'invalid_client',
  'unauthorized_client',
  'redirect_uri_mismatch',
  'unsupported_grant_type',
];

/**
 * Obtains tokens through the library: by the arguments of a request to the token endpoint, or to an endpoint of the
 * provider's own.
 */
export type ObtainTokens = (open: (own?: OwnGrant) => TokenCall) => Promise<oauth.TokenEndpointResponse>;

interface CallOptions {
  /** Query parameters of the redirect: only the first tokens of a grant have them. */
  readonly callback?: Readonly<Record<string, string>>;
  /** Where the redirect led to. */
  readonly redirectUri?: string;
  /** True: a call whose response was lost is made again at once, as providers with a grace period expect. */
  readonly isRepeatable?: boolean;
}

/** Calls a provider's token endpoint. */
type TokenEndpoint = (party: OAuthParty, options: CallOptions, obtain: ObtainTokens) => Promise<TokenResult>;

interface Dependencies {
  readonly client: ProviderClient;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly cooldown: Cooldown;
}

/** Creates the caller of token endpoints. */
export function createTokenEndpoint(dependencies: Dependencies): TokenEndpoint {
  const { cooldown } = dependencies;
  return async (party, options, obtain) => {
    const address = fillAddress(requireOAuth2(party.provider).tokenUrl, party.fields)?.href;
    if (address === undefined) return { outcome: 'misconfigured', error: 'incomplete_address' };
    const waitSeconds = cooldown.remaining(address);
    if (waitSeconds > 0) return { outcome: 'unavailable', retryAfterSeconds: waitSeconds };
    let isResponseLost = false;
    const attempt = () => callOnce({ ...party, address }, options, obtain, dependencies);
    const repeatIfLost = (error: unknown) => {
      if (!options.isRepeatable || !isLost(error)) throw error;
      isResponseLost = true;
      return attempt();
    };
    try {
      const tokens = await attempt().catch(repeatIfLost);
      cooldown.responded(address);
      return { outcome: 'ok', tokens };
    } catch (error) {
      const refusal = toRefusal(error, party);
      if (refusal) {
        cooldown.responded(address);
        return { ...refusal, isResponseLost };
      }
      const asked = error instanceof EndpointUnavailable ? error.retryAfterSeconds : undefined;
      return { outcome: 'unavailable', retryAfterSeconds: cooldown.failed(address, asked), isResponseLost };
    }
  };
}

/** Returns true for a call whose response was lost: the provider may have replaced the refresh token. */
function isLost(error: unknown): boolean {
  return error instanceof ProviderError && (error.reason === 'timeout' || error.reason === 'network');
}

/** Makes every request of one call within its deadline: for the tokens, for long-lived ones, and for metadata. */
async function callOnce(
  { address, ...party }: OAuthParty & { readonly address: string },
  { callback, redirectUri }: CallOptions,
  obtain: ObtainTokens,
  dependencies: Dependencies,
): Promise<TokenSet> {
  const oauth2 = requireOAuth2(party.provider);
  const received: ReceivedTokens = { response: {} };
  const context = { ...dependencies, signal: AbortSignal.timeout(dependencies.timeoutMs) };
  const open = (own?: OwnGrant): TokenCall => ({
    server: { issuer: new URL(address).origin, token_endpoint: own?.url ?? address },
    oauthClient: { client_id: party.client.clientId || party.provider.id },
    authentication: own ? noAuthentication : authenticationOf(party, oauth2),
    requestOptions: {
      [oauth.customFetch]: sendNormalized(own ? ownForm(oauth2) : oauth2.token, received, context),
      additionalParameters: own ? {} : parametersOf(party, oauth2, callback),
    },
  });
  try {
    const response = await obtain(open);
    const metadata = callback && (await readMetadata(party, response.access_token, context));
    return toTokenSet(oauth2, response, {
      token: received.response,
      callback,
      metadata,
      request: { redirect_uri: redirectUri },
    });
  } catch (error) {
    // The tokens that a refresh received may be all that is left of the connection's grant.
    if (callback) await revokeLeftovers(party, received, dependencies);
    throw error;
  }
}

/** Requests by a grant of the provider's own are a GET, and return tokens as RFC 6749 names them. */
function ownForm({ longLived, token }: OAuth2): OAuth2['token'] {
  const location = longLived?.errorAt ?? token.errorAt;
  return { clientAuthentication: 'none', request: 'query', ...(location && { errorAt: location }) };
}

/**
 * Revokes tokens that were issued before a later request of the same call failed, so that nothing is left at the provider.
 * Not where that would end other grants of the same user.
 */
async function revokeLeftovers(
  party: OAuthParty,
  { response: { access_token: accessToken, refresh_token: refreshToken } }: ReceivedTokens,
  dependencies: Dependencies,
): Promise<void> {
  const { revocation } = requireOAuth2(party.provider);
  if (typeof accessToken !== 'string' || revocation?.ends !== 'grant') return;
  const tokens = { accessToken, ...(typeof refreshToken === 'string' && { refreshToken }) };
  await revoke(party, tokens, dependencies);
}

/** Returns the entry's further parameters, with what the user entered and the redirect brought in their templates. */
function parametersOf(
  { fields }: OAuthParty,
  { token }: OAuth2,
  callback: CallOptions['callback'] = {},
): Record<string, string> {
  const prefix = 'callback.';
  return fillAll(token.parameters, (name) =>
    name.startsWith(prefix) ? callback[name.slice(prefix.length)] : fields[name],
  );
}

/**
 * Returns what a failure says about the grant or the client; undefined for one that says nothing about either. Nothing of
 * the request or the response, which hold secrets, is kept.
 *
 * @throws the error itself, if neither provider nor network caused it.
 */
function toRefusal(error: unknown, { provider }: OAuthParty): TokenResult | undefined {
  if (error instanceof MalformedCredentials) return { outcome: 'rejected' };
  if (error instanceof ProviderError || error instanceof EndpointUnavailable) return undefined;
  // The response is neither tokens nor an error of RFC 6749.
  if (error instanceof oauth.OperationProcessingError) return undefined;
  if (!(error instanceof oauth.ResponseBodyError)) throw error;
  const { client, token } = requireOAuth2(provider);
  const { refused = [], misconfigured = [] } = token.errors ?? {};
  const isClientError = [...CLIENT_ERRORS, ...misconfigured].includes(error.error);
  // A project's own client is refused like any other credentials.
  if (isClientError && client !== undefined) return { outcome: 'misconfigured', error: error.error };
  if (isClientError || [...REFUSED, ...refused].includes(error.error)) return { outcome: 'rejected' };
  return undefined;
}
