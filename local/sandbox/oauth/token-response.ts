import type { ProviderResponse } from '../../../shared/catalog/responses.ts';
import { RATE_LIMIT_SECONDS } from '../faults.ts';
import type { Grant } from './grants.ts';
import type { OAuth2 } from './provider.ts';

/** Newly issued tokens of a grant. */
export interface IssuedTokens {
  readonly accessToken: string;
  /** Left out where the request issued none. */
  readonly refreshToken?: string | undefined;
  /** Left out where the provider's responses do not contain it. */
  readonly expiresIn?: number | undefined;
  /** Lifetime of the refresh token, where the entry reads it; left out where it has no end. */
  readonly refreshTokenSeconds?: number | undefined;
}

/** Refusal of a token or revocation request, by an error code of RFC 6749, section 5.2. */
export class TokenError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, description: string, status = 400) {
    super(description);
    this.name = 'TokenError';
    this.code = code;
    this.status = status;
  }
}

type ErrorAt = NonNullable<OAuth2['token']['errorAt']>;

const NO_STORE = { 'cache-control': 'no-store' };

/** Creates the response to a token request, in the form that the entry describes. */
export function tokenResponse(
  oauth2: OAuth2,
  grant: Pick<Grant, 'kept' | 'scopes'>,
  { accessToken, refreshToken, expiresIn, refreshTokenSeconds }: IssuedTokens,
  accept: string,
): ProviderResponse {
  const { root, errorAt, expiresAt } = oauth2.token;
  const tokens = {
    access_token: accessToken,
    token_type: 'Bearer',
    ...(expiresIn === undefined || expiresAt ? {} : { expires_in: expiresIn }),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
  };
  const flagged = isSuccessFlag(errorAt) ? withValue({}, pathOf(errorAt.path), true) : {};
  const end = new Date(Date.now() + (expiresIn ?? 0) * 1_000).toISOString();
  const ending = expiresAt && expiresIn !== undefined ? withValue(tokens, pathOf(expiresAt), end) : tokens;
  const nested = withMembers(
    flagged,
    root === undefined ? [] : pathOf(root),
    isObject(ending) ? ending : tokens,
  );
  const lifetime = oauth2.refresh?.seconds?.replace(/^token\./, '');
  const values: (readonly [path: string, value: unknown])[] = [
    ...documentedValues(oauth2, 'token', grant),
    ...(lifetime && refreshTokenSeconds !== undefined ? [[lifetime, refreshTokenSeconds] as const] : []),
  ];
  const body = values.reduce((json, [path, value]) => withValue(json, pathOf(path), value), nested);
  return { status: 200, ...encode(oauth2, body, accept) };
}

/** Creates the response to a refused request: as RFC 6749 defines it, or with status 200 where the entry reads that. */
export function errorResponse(
  oauth2: OAuth2,
  { code: standard, message, status }: TokenError,
  accept: string,
  errorAt = oauth2.token.errorAt,
): ProviderResponse {
  const { clientAuthentication, errors } = oauth2.token;
  const documented: Readonly<Record<string, string | undefined>> = {
    invalid_grant: errors?.refused?.[0],
    invalid_client: errors?.misconfigured?.[0],
  };
  const code = documented[standard] ?? standard;
  const description = { error_description: message };
  if (errorAt !== undefined) {
    const flagged = isSuccessFlag(errorAt)
      ? withValue(description, pathOf(errorAt.path), false)
      : description;
    return { status: 200, ...encode(oauth2, withValue(flagged, pathOf(errorAt.code), code), accept) };
  }
  const { headers, body } = encode(oauth2, { error: code, ...description }, accept);
  const challenge =
    status === 401 && clientAuthentication === 'basic' ? { 'www-authenticate': 'Basic realm="sandbox"' } : {};
  const wait = status === 429 ? { 'retry-after': String(RATE_LIMIT_SECONDS) } : {};
  return { status, headers: { ...headers, ...challenge, ...wait }, body };
}

/**
 * Lists the values that the entry reads from the token response, from the redirect or from the metadata, by their paths
 * there: those of `keep`, and the granted scopes.
 */
export function documentedValues(
  { keep = {}, scopes }: OAuth2,
  source: 'token' | 'callback' | 'metadata',
  { kept, scopes: granted }: Pick<Grant, 'kept' | 'scopes'>,
): (readonly [path: string, value: string])[] {
  const readings = Object.entries(keep).map(([name, { read }]) => [read, kept[name] ?? ''] as const);
  const separator = scopes.granted?.separator ?? scopes.separator ?? ' ';
  const named = granted
    .filter((scope) => !(scopes.neverReturned ?? []).includes(scope))
    .map((scope) => scopes.aliases?.[scope] ?? scope);
  const prefix = `${source}.`;
  return [
    ...readings,
    ...(scopes.granted === undefined ? [] : [[scopes.granted.read, named.join(separator)] as const]),
  ].flatMap(([reading, value]) =>
    reading.startsWith(prefix) ? [[reading.slice(prefix.length), value] as const] : [],
  );
}

/**
 * Encodes a body as JSON; as a form where the entry sends an `accept` header to get JSON, and the request lacks it
 * (GitHub).
 */
function encode(
  { token }: OAuth2,
  body: unknown,
  accept: string,
): Pick<ProviderResponse, 'headers' | 'body'> {
  const needed = Object.entries(token.headers ?? {}).find(([name]) => name.toLowerCase() === 'accept')?.[1];
  if (needed === undefined || accept.includes(needed)) {
    return { headers: { 'content-type': 'application/json', ...NO_STORE }, body: JSON.stringify(body) };
  }
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(isObject(body) ? body : {})) form.set(name, String(value));
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', ...NO_STORE },
    body: form.toString(),
  };
}

/** Returns true for a member such as Slack's `ok`, which is true or false; other ones are present in errors only. */
function isSuccessFlag(errorAt: ErrorAt | undefined): errorAt is ErrorAt {
  return errorAt !== undefined && !`${errorAt.code}.`.startsWith(`${errorAt.path}.`);
}

function pathOf(text: string): string[] {
  return text.split('.');
}

/** Creates JSON with values at their paths. */
export function withValues(values: readonly (readonly [path: string, value: unknown])[]): unknown {
  return values.reduce<unknown>((json, [path, value]) => withValue(json, pathOf(path), value), {});
}

/** Adds members to the object at a path, which is created where it is missing. */
function withMembers(
  json: unknown,
  path: readonly string[],
  members: Readonly<Record<string, unknown>>,
): unknown {
  return Object.entries(members).reduce((all, [name, value]) => withValue(all, [...path, name], value), json);
}

/** Returns JSON with a value at a path; numbers in the path are positions of a list. */
function withValue(json: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (/^\d+$/.test(key)) {
    const list: unknown[] = Array.isArray(json) ? [...json] : [];
    list[Number(key)] = withValue(list[Number(key)], rest, value);
    return list;
  }
  const object = isObject(json) ? json : {};
  return { ...object, [key]: withValue(object[key], rest, value) };
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
