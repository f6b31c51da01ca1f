import { createHash } from 'node:crypto';
import type { ProviderResponse } from '../../../shared/catalog/responses.ts';
import { fill } from '../../../shared/catalog/templates.ts';
import { faultResponses } from '../faults.ts';
import type { SandboxRequest } from '../request.ts';
import { grantToClient, grantToServiceAccount, requestedScope } from './entered-credentials.ts';
import { type Grant, makeToken, type RefreshToken, recordOf } from './grants.ts';
import { invalidGrant, issue, type TokenRequest } from './issue.ts';
import { refreshTokenEnd } from './lifetimes.ts';
import { ownGrantOf, requireOwnForm, respondToOwnGrant } from './long-lived.ts';
import { type EndpointCall, type EndpointOutcome, providerOf } from './outcome.ts';
import { grantTypesOf } from './provider.ts';
import { authenticateClient, invalidClient, readParameters, requireDocumentedForm } from './token-request.ts';
import { errorResponse, TokenError } from './token-response.ts';

/** Responds at a token endpoint (RFC 6749, sections 4.1.3 and 6). */
export function respondToTokenRequest({ request, body, endpoint, state }: EndpointCall): EndpointOutcome {
  const parameters = readParameters(request, body);
  const sent = Object.values(parameters).find((value) => state.grants.find(value));
  const provider = providerOf(endpoint, sent, state, {
    grantType: parameters.grant_type,
    scope: requestedScope(parameters),
  });
  const settings = state.settings.get(provider.id) ?? {};
  const { mode = 'none' } = settings;
  if (mode === 'down' || mode === 'garbage') {
    const response = faultResponses[mode];
    if (response !== undefined) return { provider, outcome: mode, response };
  }
  const accept = request.headers.accept ?? '';
  try {
    if (mode === 'rate_limited') throw new TokenError('rate_limited', 'Too many requests.', 429);
    if (mode === 'invalid_client') throw invalidClient('The client is unknown.');
    const shared = { provider, parameters, accept, settings, state, now: new Date() };
    return { provider, outcome: 'ok', response: grantTokens(request, shared) };
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    const { oauth2 } = provider;
    const isOwn = ownGrantOf(oauth2, parameters.grant_type) !== undefined;
    const errorAt = (isOwn ? oauth2.longLived?.errorAt : undefined) ?? oauth2.token.errorAt;
    return { provider, outcome: error.code, response: errorResponse(oauth2, error, accept, errorAt) };
  }
}

function grantTokens(
  request: SandboxRequest,
  shared: Omit<TokenRequest, 'clientId' | 'clientSecret'>,
): ProviderResponse {
  const { provider, parameters } = shared;
  const { oauth2, entry } = provider;
  const own = ownGrantOf(oauth2, parameters.grant_type);
  if (own !== undefined) {
    requireOwnForm(own, request, parameters);
    return respondToOwnGrant(shared, own);
  }
  requireDocumentedForm(oauth2, request, parameters);
  const client = authenticateClient(oauth2, request, parameters);
  requireEndpointOf(shared, request);
  if (!grantTypesOf(provider).includes(parameters.grant_type ?? '')) {
    throw new TokenError('unsupported_grant_type', 'The grant type is unknown.');
  }
  const authenticated = { ...shared, ...client };
  if (entry.auth.type === 'service_account') return grantToServiceAccount(authenticated);
  if (entry.auth.type === 'oauth2_client_credentials') return grantToClient(authenticated);
  return parameters.grant_type === 'refresh_token' ? refresh(authenticated) : exchangeCode(authenticated);
}

/** Checks that a refresh comes to the endpoint that the entry has for it, and nothing else does. */
function requireEndpointOf(
  { provider: { oauth2 }, parameters }: Pick<TokenRequest, 'provider' | 'parameters'>,
  { path, query }: SandboxRequest,
): void {
  const { tokenUrl, refresh } = oauth2;
  if (refresh?.url === undefined) return;
  const { pathname, searchParams } = new URL(
    parameters.grant_type === 'refresh_token' ? refresh.url : tokenUrl,
  );
  if (path !== pathname || query.toString() !== searchParams.toString()) {
    throw new TokenError('unsupported_grant_type', 'The grant type belongs to another endpoint.');
  }
}

function exchangeCode(request: TokenRequest): ProviderResponse {
  const { parameters, provider, settings, state, now } = request;
  const grant = requireGrant(request, parameters.code ?? '');
  const { code } = grant;
  if (code === null || recordOf([code], parameters.code ?? '') === undefined)
    throw invalidGrant('The code is unknown.');
  if (code.used) {
    // RFC 6749, section 4.1.2: a code that is used twice may have been stolen, and so may its tokens.
    state.grants.revoke(({ id }) => id === grant.id);
    throw invalidGrant('The code was used before; its tokens are revoked.');
  }
  if (code.expiresAt <= now.getTime()) throw invalidGrant('The code expired.');
  if (parameters.redirect_uri !== code.redirectUri) {
    throw invalidGrant('redirect_uri differs from that of the authorization request.');
  }
  requireVerifier(code.challenge, parameters.code_verifier);
  const { refresh, longLived } = provider.oauth2;
  const refreshToken = refresh && !longLived ? makeToken('rt') : undefined;
  const expiresAt = refreshTokenEnd(provider.oauth2, settings, grant.createdAt, now);
  const exchanged: Grant = {
    ...grant,
    code: { ...code, used: true },
    refreshTokens: refreshToken ? [{ digest: refreshToken.digest, expiresAt, replacedAt: null }] : [],
  };
  return issue(request, exchanged, refreshToken?.text);
}

/** Checks the proof key of RFC 7636; a verifier without a challenge is a downgrade (RFC 9700, section 4.8.2). */
function requireVerifier(challenge: string | null, verifier: string | undefined): void {
  if (challenge === null && verifier === undefined) return;
  if (challenge === null) throw invalidGrant('code_verifier belongs to a request with a code_challenge.');
  if (verifier === undefined || !/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) {
    throw invalidGrant('code_verifier is missing or malformed.');
  }
  if (createHash('sha256').update(verifier).digest('base64url') !== challenge) {
    throw invalidGrant('code_verifier does not match the code_challenge.');
  }
}

function refresh(request: TokenRequest): ProviderResponse {
  const { parameters, provider, settings, state, now } = request;
  const { oauth2 } = provider;
  const sent = parameters.refresh_token ?? '';
  const grant = requireGrant(request, sent);
  const token = recordOf(grant.refreshTokens, sent);
  if (token === undefined) throw invalidGrant('The refresh token is unknown.');
  const wrong = Object.entries(oauth2.refresh?.parameters ?? {}).find(
    ([name, template]) => parameters[name] !== fill(template, (value) => grant.kept[value]),
  );
  if (wrong !== undefined) throw invalidGrant(`The parameter ${wrong[0]} is wrong.`);
  const { rotation = oauth2.refresh?.rotation, graceSeconds = oauth2.refresh?.graceSeconds ?? 0 } = settings;
  if (token.replacedAt !== null && now.getTime() >= token.replacedAt + graceSeconds * 1_000) {
    // RFC 9700, section 4.14.2: the server cannot distinguish the thief from the client, so the grant ends.
    state.grants.revoke(({ id }) => id === grant.id);
    throw invalidGrant('The refresh token was replaced; the grant is revoked.');
  }
  if (token.expiresAt !== null && token.expiresAt <= now.getTime()) {
    throw invalidGrant('The refresh token expired.');
  }
  const expiresAt = refreshTokenEnd(oauth2, settings, grant.createdAt, now);
  const next = rotation === 'each' ? makeToken('rt') : undefined;
  const used: RefreshToken = {
    ...token,
    ...(next === undefined
      ? { expiresAt: settings.refreshTokenSeconds === undefined ? expiresAt : token.expiresAt }
      : { replacedAt: token.replacedAt ?? now.getTime() }),
  };
  const refreshed: Grant = {
    ...grant,
    refreshed: grant.refreshed + 1,
    refreshTokens: [
      ...grant.refreshTokens.map((each) => (each === token ? used : each)),
      ...(next === undefined ? [] : [{ digest: next.digest, expiresAt, replacedAt: null }]),
    ],
  };
  return issue(request, refreshed, next?.text);
}

/** Returns the living grant of a code or refresh token that was issued to this client by this provider. */
function requireGrant({ provider, clientId, state }: TokenRequest, codeOrToken: string): Grant {
  const grant = state.grants.find(codeOrToken);
  if (grant?.provider !== provider.id) throw invalidGrant('The code or refresh token is unknown.');
  if (grant.clientId !== clientId) throw invalidGrant('The code or refresh token belongs to another client.');
  if (grant.revoked) throw invalidGrant('The grant was revoked.');
  return grant;
}
