import type * as oauth from 'oauth4webapi';
import { atPath } from '../../../catalog/responses.ts';
import type { TokenSet } from '../../../domain/credentials/oauth.ts';
import type { OAuth2 } from '../../../domain/credentials/tokens.ts';

/** Sources of an entry's readings. */
export interface Readable {
  readonly token: Readonly<Record<string, unknown>>;
  readonly callback: Readonly<Record<string, string>> | undefined;
  readonly metadata: unknown;
  /** Values of the authorization, at the exchange of its code. */
  readonly request: { readonly redirect_uri?: string | undefined };
}

/** Returns the tokens of a response, with the values that the entry reads from it and beside it. */
export function toTokenSet(
  { scopes, token, refresh, longLived, keep = {} }: OAuth2,
  response: oauth.TokenEndpointResponse,
  readable: Readable,
): TokenSet {
  const read = (reading: string) => atPath(readable, reading);
  const kept = Object.entries(keep).flatMap(([name, { read: reading }]) => {
    const value = read(reading);
    return value === undefined || value === null ? [] : [[name, String(value)] as const];
  });
  const { granted, separator = ' ' } = scopes;
  return {
    accessToken: response.access_token,
    tokenType: response.token_type === 'bearer' ? 'Bearer' : response.token_type,
    refreshToken: longLived?.refresh ? response.access_token : response.refresh_token,
    expiresInSeconds: response.expires_in ?? token.accessTokenSeconds ?? null,
    refreshTokenSeconds: toSeconds(refresh?.seconds && read(refresh.seconds)),
    scopes: granted ? toScopes(read(granted.read), granted.separator ?? separator) : null,
    kept: Object.fromEntries(kept),
  };
}

/** Returns a positive number of seconds; null for anything else. */
export function toSeconds(value: unknown): number | null {
  const seconds = Number(value);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

function toScopes(value: unknown, separator: string): readonly string[] | null {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' ? value.split(separator).filter((scope) => scope !== '') : null;
}
