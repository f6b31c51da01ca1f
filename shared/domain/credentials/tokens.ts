import type { Provider } from '../../catalog/schema.ts';
import { placeholders } from '../../catalog/templates.ts';
import { DomainError, failure } from '../errors.ts';
import type { SealedAccessToken } from '../model/connection.ts';
import { addSeconds, DAY_SECONDS, type OperationContext, timestamp } from '../operation-context.ts';
import { Credentials } from './credentials.ts';
import type { OAuthClientReader, OAuthParty, TokenOwner, TokenSet } from './oauth.ts';
import type { Sealer } from './sealer.ts';

export type OAuth2 = NonNullable<Provider['oauth2']>;

/** @throws Error for a provider without OAuth 2.0. */
export function requireOAuth2({ id, oauth2 }: Provider): OAuth2 {
  if (!oauth2) throw new Error(`The provider ${id} has no OAuth 2.0.`);
  return oauth2;
}

/**
 * Returns how to send a browser to the provider.
 *
 * @throws Error for a provider that issues tokens without a browser.
 */
export function requireCodeGrant(provider: Provider) {
  const oauth2 = requireOAuth2(provider);
  const { authorizeUrl } = oauth2;
  if (authorizeUrl === undefined) {
    throw new Error(`The provider ${provider.id} has no authorization endpoint.`);
  }
  return { ...oauth2, authorizeUrl };
}

/** Returns true for a provider that a user connects by authorizing it in a browser. */
export function isAuthorized({ auth }: Pick<Provider, 'auth'>): boolean {
  return auth.type === 'oauth2';
}

/**
 * Returns the provider with the client that calls its endpoints: the platform's, or the one among the fields.
 *
 * @throws DomainError `provider_not_configured` where the platform has no client at the provider.
 */
export async function requireParty(
  provider: Provider,
  fields: OAuthParty['fields'],
  { oauthClients }: { readonly oauthClients: OAuthClientReader },
): Promise<OAuthParty> {
  const { client: name } = requireOAuth2(provider);
  if (name === undefined) {
    const { clientId = '', clientSecret = '' } = fields;
    return { provider, client: { clientId, clientSecret }, fields };
  }
  const client = await oauthClients.find(name);
  if (!client) {
    throw failure('provider_not_configured', `The platform has no OAuth client at ${provider.name} yet.`);
  }
  return { provider, client, fields };
}

/**
 * Compares the granted scopes with the required ones. A provider that does not list them granted what was requested
 * (RFC 6749, section 5.1).
 *
 * @throws DomainError `scopes_missing` with the required scopes that were not granted.
 */
export function requireScopes(provider: Provider, { scopes: granted }: TokenSet): void {
  if (granted === null) return;
  const { required, neverReturned = [], aliases = {} } = requireOAuth2(provider).scopes;
  const missing = required.filter(
    (scope) =>
      !neverReturned.includes(scope) &&
      !granted.includes(scope) &&
      !granted.includes(aliases[scope] ?? scope),
  );
  if (missing.length === 0) return;
  throw new DomainError(
    { code: 'scopes_missing', missing },
    `${provider.name} did not grant every scope that the connection needs. Authorize again and grant them all.`,
  );
}

/** The values that requests to the provider are made with, and that the engine receives. */
export interface AccessValues {
  readonly accessToken: string;
  readonly tokenType: string;
  readonly [name: string]: string;
}

/** Returns the access values of newly issued tokens, with the entered values that requests are made with, such as a shop. */
export function toAccessValues(
  provider: Provider,
  { kept, accessToken, tokenType }: TokenSet,
  fields: OAuthParty['fields'],
): AccessValues {
  return { ...requestFields(provider, fields), ...kept, accessToken, tokenType };
}

/** Secret fields obtain access tokens; requests are made with those instead. */
function requestFields(
  { auth, baseUrl, probe, expiry, send, responseRules, derived = {} }: Provider,
  fields: OAuthParty['fields'],
): OAuthParty['fields'] {
  const used = placeholders(JSON.stringify([baseUrl, probe.path, expiry?.request?.path, send]));
  const statuses = responseRules.flatMap(({ statusFrom }) => statusFrom ?? []);
  const names = new Set([...used, ...statuses].map((name) => derived[name]?.from ?? name));
  const open = auth.fields.filter(({ name, secret }) => !secret && names.has(name));
  return Object.fromEntries(
    open.flatMap(({ name }) => (fields[name] === undefined ? [] : [[name, fields[name]] as const])),
  );
}

/** Returns true if tokens like these can be obtained again without the user. */
function isRenewable(provider: Provider, { refreshToken }: TokenSet): boolean {
  return !isAuthorized(provider) || refreshToken !== undefined;
}

/**
 * Returns the credentials to store: those that obtain access tokens, or the access token itself where nothing does; with
 * the values that every later request needs again.
 */
export function toStoredCredentials(
  provider: Provider,
  tokens: TokenSet,
  fields: OAuthParty['fields'],
): Credentials {
  if (!isAuthorized(provider)) return new Credentials(fields);
  const { refreshToken, kept } = tokens;
  return refreshToken === undefined
    ? new Credentials({ ...fields, ...toAccessValues(provider, tokens, fields) })
    : new Credentials({ ...fields, ...kept, refreshToken });
}

/**
 * Returns the end by which a user must act: that of an access token which cannot be renewed, or of the refresh token, as
 * the provider reports or documents it; null where neither is known.
 */
export function grantEnd(provider: Provider, tokens: TokenSet, now: Date): string | null {
  const { expiresInSeconds, refreshTokenSeconds } = tokens;
  const inSeconds = (seconds: number | null) => seconds && timestamp(addSeconds(now, seconds));
  if (!isRenewable(provider, tokens)) return inSeconds(expiresInSeconds) || null;
  if (!isAuthorized(provider)) return null;
  const { maxDays = null } = requireOAuth2(provider).refresh ?? {};
  return inSeconds(refreshTokenSeconds ?? (maxDays && maxDays * DAY_SECONDS)) || null;
}

/** Tokens of a provider, with what the user entered to obtain them. */
interface IssuedTokens extends Pick<OAuthParty, 'provider' | 'fields'> {
  readonly tokens: TokenSet;
}

/** Seals the access values of newly issued tokens. */
export async function sealAccessToken(
  { provider, tokens, fields }: IssuedTokens,
  owner: TokenOwner,
  { sealer, clock }: { readonly sealer: Sealer } & Pick<OperationContext, 'clock'>,
): Promise<SealedAccessToken> {
  const now = clock.now();
  const { expiresInSeconds } = tokens;
  return {
    sealed: await sealer.seal(
      JSON.stringify(toAccessValues(provider, tokens, fields)),
      accessTokenContext(owner),
    ),
    expiresAt: expiresInSeconds === null ? null : timestamp(addSeconds(now, expiresInSeconds)),
    issuedAt: timestamp(now),
  };
}

/** Returns the access values of a sealed token; undefined when the data key that sealed them no longer exists. */
export async function openAccessToken(
  { sealed }: SealedAccessToken,
  owner: TokenOwner,
  { sealer }: { readonly sealer: Sealer },
): Promise<AccessValues | undefined> {
  const opened = await sealer.open(sealed, accessTokenContext(owner));
  return opened === undefined ? undefined : JSON.parse(opened);
}

/** Returns the context of an access token: it opens for this connection and this credentials version alone. */
function accessTokenContext({ projectId, connectionId, version }: TokenOwner) {
  return { use: 'access-token', projectId, connectionId, version };
}
