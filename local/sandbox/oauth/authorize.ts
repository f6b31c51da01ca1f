import type { ProviderResponse } from '../../../shared/catalog/responses.ts';
import { jsonResponse } from '../respond.ts';
import { keptValues, offeredAccounts } from './accounts.ts';
import { type ConsentRequest, consentPage, errorPage } from './consent-page.ts';
import type { MatchedEndpoint } from './endpoints.ts';
import type { Grant } from './grants.ts';
import type { EndpointCall, EndpointOutcome } from './outcome.ts';
import { knownScopes, knowsScope, type OAuth2, type OAuthProvider } from './provider.ts';
import type { NextConsent } from './settings.ts';
import type { OAuthState } from './state.ts';
import { documentedValues } from './token-response.ts';

/** Authorization request (RFC 6749, section 4.1.1) that is answered at its redirect URI, by a code or an error. */
interface AuthorizationRequest {
  readonly provider: OAuthProvider;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string | null;
  readonly challenge: string | null;
  readonly scopes: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
}

/** A user's decision: the account and the scopes, or null for a refusal. */
type Decision = Pick<Grant, 'account' | 'scopes'> | null;

/**
 * Responds at an authorization endpoint: to a GET with the consent page, or at once where a decision was set by
 * `_control/consent`; to the page's form with a redirect.
 */
export function respondToAuthorization({ request, body, endpoint, state }: EndpointCall): EndpointOutcome {
  const parameters = request.query;
  const { provider, fields } = chooseProvider(endpoint, parameters, state);
  const respond = (outcome: string, response: ProviderResponse) => ({ provider, outcome, response });
  if (request.method !== 'GET' && request.method !== 'POST') {
    return respond('method_not_allowed', jsonResponse(405, { error: 'method_not_allowed' }));
  }
  const clientId = clientIdOf(provider.oauth2, parameters);
  if (clientId === '') return respond('invalid_request', errorPage('client_id is missing.'));
  const redirectUri = parameters.get('redirect_uri') ?? '';
  if (!isRedirectUri(redirectUri)) {
    const problem = 'redirect_uri must be an absolute https address without a fragment, or http on loopback.';
    return respond('invalid_request', errorPage(problem));
  }
  const authorization: AuthorizationRequest = {
    provider,
    clientId,
    redirectUri,
    state: parameters.get('state'),
    challenge: parameters.get('code_challenge'),
    scopes: requestedScopes(provider.oauth2, parameters),
    fields,
  };
  const problem = requestProblem(authorization, parameters);
  if (problem !== undefined) {
    const [error, description] = problem;
    return respond(error, redirect(authorization, { error, error_description: description }));
  }
  const consent = consentRequest(authorization);
  const preset = state.consents.get(provider.id);
  if (request.method === 'GET' && preset === undefined) return respond('consent_page', consentPage(consent));
  const decision =
    request.method === 'GET' ? presetDecision(preset ?? {}, consent) : postedDecision(body, consent);
  if (typeof decision === 'string') return respond('consent_incomplete', consentPage(consent, decision));
  if (request.method === 'GET') state.consents.delete(provider.id);
  return decide(authorization, decision, state);
}

/**
 * Chooses among the providers that share the endpoint (all of Google's do) the one whose scopes are requested; of several,
 * one with a decision set, then the one that would request nothing else.
 */
function chooseProvider(
  { candidates: [first, ...others] }: MatchedEndpoint,
  parameters: URLSearchParams,
  { consents }: OAuthState,
): MatchedEndpoint['candidates'][number] {
  if (first === undefined) throw new Error('an endpoint belongs to a provider');
  const rank = ({ provider: { id, oauth2 } }: typeof first) => {
    const scopes = requestedScopes(oauth2, parameters);
    const known = knownScopes(oauth2);
    const expected = Object.keys(oauth2.authorizeParameters ?? {});
    const isMeant = scopes.every((scope) => knowsScope(oauth2, scope));
    if (!isMeant || !expected.every((name) => parameters.has(name))) return 0;
    const isComplete = oauth2.scopes.required.every((scope) => scopes.includes(scope));
    return (
      1 +
      expected.length * 8 +
      (isComplete ? 4 : 0) +
      (consents.has(id) ? 2 : 0) +
      (known.length === scopes.length ? 1 : 0)
    );
  };
  return others.reduce((best, candidate) => (rank(candidate) > rank(best) ? candidate : best), first);
}

function clientIdOf({ token }: OAuth2, parameters: URLSearchParams): string {
  return parameters.get(token.clientIdParameter ?? 'client_id') ?? parameters.get('client_id') ?? '';
}

function requestedScopes(
  { scopes: { parameter = 'scope', optionalParameter, separator = ' ' } }: OAuth2,
  query: URLSearchParams,
) {
  const parameters = [parameter, ...(optionalParameter === undefined ? [] : [optionalParameter])];
  const all = parameters.flatMap((name) => (query.get(name) ?? '').split(separator));
  return [...new Set(all.map((scope) => scope.trim()).filter((scope) => scope !== ''))];
}

function isRedirectUri(text: string): boolean {
  if (!URL.canParse(text) || text.includes('#')) return false;
  const { protocol, hostname } = new URL(text);
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback);
}

function requestProblem(
  { provider: { oauth2 }, challenge, scopes }: AuthorizationRequest,
  parameters: URLSearchParams,
): readonly [error: string, description: string] | undefined {
  if (parameters.get('response_type') !== 'code') {
    return ['unsupported_response_type', 'response_type must be code.'];
  }
  if (oauth2.pkce && challenge === null) return ['invalid_request', 'code_challenge is missing.'];
  if (challenge !== null && parameters.get('code_challenge_method') !== 'S256') {
    return ['invalid_request', 'code_challenge_method must be S256.'];
  }
  if (challenge !== null && !/^[A-Za-z0-9_-]{43}$/.test(challenge)) {
    return ['invalid_request', 'code_challenge must be a SHA-256 hash in base64url.'];
  }
  const missing = Object.keys(oauth2.authorizeParameters ?? {}).find((name) => !parameters.has(name));
  if (missing !== undefined) return ['invalid_request', `${missing} is missing.`];
  const unknown = scopes.find((scope) => !knowsScope(oauth2, scope));
  return unknown === undefined ? undefined : ['invalid_scope', `The scope ${unknown} is unknown.`];
}

function consentRequest({ provider, clientId, redirectUri, scopes, fields }: AuthorizationRequest) {
  const accounts = offeredAccounts(provider, fields);
  return { providerName: provider.entry.name, clientId, redirectUri, accounts, scopes };
}

function presetDecision({ account, scopes, deny }: NextConsent, request: ConsentRequest): Decision | string {
  if (deny === true) return null;
  const offered = request.accounts.find(({ id }) => account === undefined || id === account);
  const chosen = typeof account === 'object' ? account : offered;
  if (chosen === undefined) return 'The account of _control/consent is not on this page.';
  const isGranted = (scope: string) => scopes === undefined || scopes.includes(scope);
  return { account: chosen, scopes: request.scopes.filter(isGranted) };
}

/** Reads the decision from the page's form; text names the problem of an incomplete one. */
function postedDecision(body: string, request: ConsentRequest): Decision | string {
  const form = new URLSearchParams(body);
  if (form.get('decision') === 'deny') return null;
  if (form.get('decision') !== 'allow') return 'Allow or deny access.';
  const account = request.accounts.find(({ id }) => id === form.get('account'));
  if (account === undefined) return 'Choose an account.';
  return { account, scopes: request.scopes.filter((scope) => form.getAll('scope').includes(scope)) };
}

function decide(authorization: AuthorizationRequest, decision: Decision, state: OAuthState): EndpointOutcome {
  const { provider, clientId, redirectUri, challenge, fields } = authorization;
  if (decision === null) {
    const response = redirect(authorization, { error: 'access_denied' });
    return { provider, outcome: 'access_denied', response };
  }
  const { account, scopes } = decision;
  const kept = keptValues(provider, account, fields, redirectUri);
  const consent = { account, scopes: [...scopes], clientId, redirectUri, challenge, fields, kept };
  const code = state.grants.add({ provider: provider.id, ...consent }, new Date());
  const callback = Object.fromEntries(documentedValues(provider.oauth2, 'callback', { kept, scopes }));
  return { provider, outcome: 'code', response: redirect(authorization, { ...callback, code }) };
}

function redirect(
  { redirectUri, state, provider }: AuthorizationRequest,
  values: Readonly<Record<string, string>>,
): ProviderResponse {
  const url = new URL(redirectUri);
  const { issuer } = provider.oauth2;
  const all = {
    ...values,
    ...(state === null ? {} : { state }),
    ...(issuer === undefined ? {} : { iss: issuer }),
  };
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
  return { status: 303, headers: { location: url.href, 'cache-control': 'no-store' }, body: '' };
}
