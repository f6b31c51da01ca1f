import type { OAuth2 } from './provider.ts';
import type { TokenSettings } from './settings.ts';

const DAY_MS = 86_400_000;
/** Lifetime of access tokens where the entry does not give one. */
const ACCESS_TOKEN_SECONDS = 3_600;

/** Lifetime of a new access token in seconds, and `expires_in` where responses contain it; null: it does not end. */
export function accessTokenLifetime(
  { token }: OAuth2,
  settings: TokenSettings,
  defaultSeconds = ACCESS_TOKEN_SECONDS,
): { readonly seconds: number | null; readonly expiresIn: number | undefined } {
  const documented = token.accessTokenSeconds;
  const seconds = settings.accessTokenSeconds ?? (documented === undefined ? defaultSeconds : documented);
  // The entry gives a lifetime, or none, for responses without `expires_in` only.
  return { seconds, expiresIn: documented === undefined && seconds !== null ? seconds : undefined };
}

/**
 * Returns the end of a refresh token that is issued or used now, in milliseconds since the epoch: the earlier one of the
 * documented end of its grant and that of an unused token; null where neither is documented.
 */
export function refreshTokenEnd(
  { refresh }: OAuth2,
  { refreshTokenSeconds }: TokenSettings,
  grantedAt: number,
  now: Date,
): number | null {
  if (refreshTokenSeconds !== undefined) return now.getTime() + refreshTokenSeconds * 1_000;
  const ends = [
    ...(refresh?.maxDays === undefined ? [] : [grantedAt + refresh.maxDays * DAY_MS]),
    ...(refresh?.unusedDays === undefined ? [] : [now.getTime() + refresh.unusedDays * DAY_MS]),
  ];
  return ends.length === 0 ? null : Math.min(...ends);
}
