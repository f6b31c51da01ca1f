import { verify } from 'node:crypto';
import * as z from 'zod/mini';
import type { ProviderResponse } from '../../../shared/catalog/responses.ts';
import { placeholders } from '../../../shared/catalog/templates.ts';
import type { IssuedCredentials, Refusal } from '../credentials.ts';
import { makeAccount } from './accounts.ts';
import { invalidGrant, issue, type TokenRequest } from './issue.ts';
import { knowsScope } from './provider.ts';
import { invalidClient } from './token-request.ts';
import { TokenError } from './token-response.ts';

/** Longest life of an assertion: https://developers.google.com/identity/protocols/oauth2/service-account */
const ASSERTION_SECONDS = 3_600;

const claimsOfAssertion = z.object({
  iss: z.string(),
  aud: z.string(),
  scope: z.string(),
  iat: z.number(),
  exp: z.number(),
});

/** Grants a token to a project's own client (RFC 6749, section 4.4), whose credentials a control issued. */
export function grantToClient(request: TokenRequest): ProviderResponse {
  const { provider, parameters, clientId, clientSecret, state, now } = request;
  const { token, scopes } = provider.oauth2;
  const entered = Object.entries(token.parameters ?? {}).flatMap(([name, template]) =>
    placeholders(template).map((field) => [field, parameters[name] ?? '']),
  );
  const fields = { clientId, clientSecret, ...Object.fromEntries(entered) };
  const result = state.credentials.authenticate(provider.id, fields, now);
  if ('refusal' in result) throw invalidClient(`The client is ${result.refusal}.`);
  const scope = parameters.scope?.split(scopes.separator ?? ' ') ?? [];
  return grantTo(request, clientId, result.issued, scope);
}

/** Grants a token for an assertion (RFC 7523) that the key of a service account signed. */
export function grantToServiceAccount(request: TokenRequest): ProviderResponse {
  const { provider, parameters, state, now } = request;
  const [header = '', payload = '', signature = ''] = (parameters.assertion ?? '').split('.');
  const claims = claimsOfAssertion.safeParse(parseJson(payload));
  if (!claims.success) throw invalidGrant('Invalid JWT.');
  const { iss, aud, scope, iat, exp } = claims.data;
  if (aud !== provider.oauth2.tokenUrl) throw invalidGrant('Invalid JWT: the audience is wrong.');
  const seconds = now.getTime() / 1_000;
  if (exp <= seconds || iat > seconds + 60 || exp - iat > ASSERTION_SECONDS) {
    throw invalidGrant('Invalid JWT: it must be a short-lived token and in a reasonable timeframe.');
  }
  const signed = Buffer.from(`${header}.${payload}`);
  const hasSigned = (publicKey: string) =>
    verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'));
  const result = state.credentials.authenticateServiceAccount(provider.id, iss, hasSigned, now);
  if ('refusal' in result) throw invalidGrant(refusalOf(result.refusal));
  return grantTo(request, iss, result.issued, scope.split(' '));
}

/** Returns the scopes that a request asks for: its parameter, or a claim of its assertion. */
export function requestedScope({ scope, assertion = '' }: TokenRequest['parameters']): string | undefined {
  return scope ?? claimsOfAssertion.safeParse(parseJson(assertion.split('.')[1] ?? '')).data?.scope;
}

function refusalOf(refusal: Refusal): string {
  return refusal === 'unknown' ? 'Invalid JWT Signature.' : `The key is ${refusal}.`;
}

function grantTo(
  request: TokenRequest,
  clientId: string,
  { account, digest }: IssuedCredentials,
  requested: readonly string[],
): ProviderResponse {
  const { provider, state, now } = request;
  const scopes = requested.filter((scope) => scope !== '');
  const unknown = scopes.find((scope) => !knowsScope(provider.oauth2, scope));
  if (unknown !== undefined) throw new TokenError('invalid_scope', `The scope ${unknown} is unknown.`);
  const client = { provider: provider.id, clientId, scopes, fields: {}, kept: {} };
  const owner = account ?? makeAccount(provider, {}, digest);
  return issue(request, state.grants.ofClient({ ...client, account: owner }, now));
}

function parseJson(encoded: string): unknown {
  try {
    return JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
