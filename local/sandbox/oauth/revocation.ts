import type { ProviderResponse } from '../../../shared/catalog/responses.ts';
import type { SandboxRequest } from '../request.ts';
import { type Grant, recordOf } from './grants.ts';
import { type EndpointCall, type EndpointOutcome, providerOf } from './outcome.ts';
import type { OAuthProvider } from './provider.ts';
import type { OAuthState } from './state.ts';
import { authenticateClient, readParameters, requireEncoding } from './token-request.ts';
import { errorResponse, TokenError } from './token-response.ts';

type Parameters = Readonly<Record<string, string>>;

const REVOKED: ProviderResponse = { status: 200, headers: { 'cache-control': 'no-store' }, body: '' };

/** Responds at a revocation endpoint: of RFC 7009, or a POST with the token as bearer. */
export function respondToRevocation({ request, body, endpoint, state }: EndpointCall): EndpointOutcome {
  const parameters = readParameters(request, body);
  const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  const sent = Object.values(parameters).find((value) => state.grants.find(value));
  const provider = providerOf(endpoint, sent ?? bearer, state);
  const { oauth2 } = provider;
  try {
    const outcome =
      oauth2.revocation?.request === 'bearer'
        ? revokeByBearer(provider, request.method, bearer, state)
        : revokeByForm(provider, request, parameters, state);
    return { provider, outcome, response: REVOKED };
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    const response = errorResponse(oauth2, error, request.headers.accept ?? '');
    return { provider, outcome: error.code, response };
  }
}

function revokeByForm(
  provider: OAuthProvider,
  request: SandboxRequest,
  sent: Parameters,
  state: OAuthState,
): string {
  const parameters = standardParameters(provider, sent);
  const { revocation, token: tokenEndpoint } = provider.oauth2;
  const { clientAuthentication = tokenEndpoint.clientAuthentication } = revocation ?? {};
  const encoding = revocation?.request === 'json' ? 'json' : 'form';
  requireEncoding(request.method, request.headers, encoding, revocation?.method);
  const client =
    clientAuthentication === 'none'
      ? undefined
      : authenticateClient(provider.oauth2, request, parameters, clientAuthentication);
  const { token = '' } = parameters;
  if (token === '') throw new TokenError('invalid_request', 'token is missing.');
  const grant = findGrant(provider, token, state);
  // RFC 7009, section 2.2: an unknown token is as good as revoked.
  if (grant === undefined) return 'unknown_token';
  if (client !== undefined && grant.clientId !== client.clientId)
    throw new TokenError('invalid_grant', 'The token belongs to another client.');
  return end(provider, grant, state);
}

/** Returns the parameters by their standard names, where the entry has other ones. */
function standardParameters({ oauth2: { revocation, token } }: OAuthProvider, sent: Parameters): Parameters {
  if (revocation?.parameters === undefined) return sent;
  const standard: Parameters = {
    '{token}': 'token',
    '{clientId}': token.clientIdParameter ?? 'client_id',
    '{clientSecret}': 'client_secret',
  };
  const named = Object.entries(revocation.parameters).map(([name, template]) => {
    const known = standard[template];
    if (known === undefined && sent[name] !== template) {
      throw new TokenError('invalid_request', `The parameter ${name} is wrong.`);
    }
    return [known ?? name, sent[name] ?? ''];
  });
  return Object.fromEntries(named);
}

function revokeByBearer(
  provider: OAuthProvider,
  method: string,
  token: string | undefined,
  state: OAuthState,
): string {
  if (method !== 'POST') throw new TokenError('invalid_request', 'The method must be POST.', 405);
  const grant = token === undefined ? undefined : findGrant(provider, token, state);
  if (grant === undefined) throw new TokenError('invalid_token', 'The token is unknown.', 401);
  return end(provider, grant, state);
}

/**
 * Finds the living grant of a token that works.
 *
 * @throws TokenError `unsupported_token_type` for a token of the kind that the entry does not send.
 */
function findGrant({ id, oauth2 }: OAuthProvider, token: string, { grants }: OAuthState): Grant | undefined {
  const grant = grants.find(token);
  if (grant === undefined || grant.provider !== id || grant.revoked) return undefined;
  const isRefresh = oauth2.revocation?.token === 'refresh_token';
  const isOther = recordOf(isRefresh ? grant.accessTokens : grant.refreshTokens, token) !== undefined;
  if (isOther)
    throw new TokenError('unsupported_token_type', `The token must be the ${oauth2.revocation?.token}.`);
  const record = recordOf(isRefresh ? grant.refreshTokens : grant.accessTokens, token);
  const isCurrent = record !== undefined && (record.expiresAt === null || record.expiresAt > Date.now());
  return isCurrent ? grant : undefined;
}

function end({ oauth2 }: OAuthProvider, grant: Grant, { grants, providers }: OAuthState): string {
  const related = new Set(
    providers.filter((each) => each.oauth2.client === oauth2.client).map(({ id }) => id),
  );
  const endsAll = oauth2.revocation?.ends === 'all_grants_of_user';
  grants.revoke(
    ({ id, provider, clientId, account }) =>
      id === grant.id ||
      (endsAll && related.has(provider) && clientId === grant.clientId && account.id === grant.account.id),
  );
  return 'ok';
}
