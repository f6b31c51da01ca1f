import type { Situation } from '../../../shared/catalog/example-schema.ts';
import type { ProviderEntry } from '../../../shared/catalog/schema.ts';
import type { IssuedCredentials } from '../credentials.ts';
import { type Grant, recordOf } from './grants.ts';
import type { OAuthState } from './state.ts';

/** Credentials of a request that the provider accepts, or its reason to refuse them. */
export type Authentication =
  | { readonly issued: Pick<IssuedCredentials, 'id' | 'account' | 'expiresAt' | 'scopes'> }
  | { readonly refusal: Situation };

/**
 * Authenticates a request by an access token that the authorization server issued; undefined for any other. A grant
 * without all required scopes, or without those of a documented response, is forbidden the request.
 */
export function authenticateAccessToken(
  entry: ProviderEntry,
  credentials: Readonly<Record<string, string>> | undefined,
  { grants }: OAuthState,
  now: Date,
): Authentication | undefined {
  const token = credentials?.accessToken;
  const grant = token === undefined ? undefined : grants.find(token);
  const record = grant && recordOf(grant.accessTokens, token ?? '');
  if (grant === undefined || record === undefined || grant.provider !== entry.id) return undefined;
  // An access token is of one shop, tenant or company, and unknown to the others.
  if (!belongsTo(entry, grant, credentials ?? {})) return { refusal: 'unknown' };
  if (grant.revoked) return { refusal: 'revoked' };
  if (record.expiresAt !== null && record.expiresAt <= now.getTime()) return { refusal: 'expired' };
  if (!isAllowed(entry, grant)) return { refusal: 'forbidden' };
  const { id, account, scopes } = grant;
  return { issued: { id, account, scopes, expiresAt: null } };
}

function belongsTo(
  { derived = {} }: ProviderEntry,
  { fields, kept }: Grant,
  credentials: Readonly<Record<string, string>>,
): boolean {
  const direct: Readonly<Record<string, string>> = { ...kept, ...fields };
  const cutOut = Object.entries(derived).map(([name, { from, pattern }]) => [
    name,
    new RegExp(pattern, 'v').exec(direct[from] ?? '')?.[1],
  ]);
  const own: Readonly<Record<string, string | undefined>> = { ...Object.fromEntries(cutOut), ...direct };
  return Object.entries(credentials).every(([name, value]) => own[name] === undefined || own[name] === value);
}

function isAllowed({ oauth2, examples }: ProviderEntry, { scopes }: Grant): boolean {
  const has = (scope: string) => scopes.includes(scope);
  const responds = examples.some((each) => each.situations.includes('ok') && (each.scopes ?? []).every(has));
  return responds && (oauth2?.scopes.required ?? []).every(has);
}
