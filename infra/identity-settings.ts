import * as z from 'zod';

/** Besides the first issuer. The environment of a function holds them all, in 4 KB with everything else. */
const MAX_OTHER_ISSUERS = 4;

/** https address. */
export const httpsUrl = z.url({ protocol: /^https$/, error: 'must be an https URL' });

/** OpenID Connect issuer whose access tokens the API accepts. */
export const issuerSettings = z.strictObject({
  issuer: httpsUrl,
  /** Accepted values of a token's `aud`, or of `client_id` where it has no `aud`. */
  audience: z.array(z.string().min(1)).min(1),
  /**
   * `at+jwt` if the issuer marks access tokens by this type (RFC 9068): tokens of other types, such as ID tokens of
   * the same audience, are refused then. Without it, only tokens that name another type are refused.
   */
  accessTokenType: z.literal('at+jwt').optional(),
});

/** Issuers besides the first one, each once. */
export const otherIssuersSettings = z
  .array(issuerSettings)
  .max(MAX_OTHER_ISSUERS)
  .refine((issuers) => !isRepeated(issuers), 'must not name an issuer twice');

/** Returns true if an issuer occurs twice. A slash at the end makes another issuer, and hardly ever the one that is meant. */
export function isRepeated(issuers: readonly { readonly issuer: string }[]): boolean {
  return new Set(issuers.map(({ issuer }) => issuer.replace(/\/$/, ''))).size < issuers.length;
}
