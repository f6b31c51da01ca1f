import * as z from 'zod/mini';

const seconds = z.int().check(z.gte(0), z.lte(315_360_000));
const text = z.string().check(z.minLength(1), z.maxLength(200));

/**
 * Injected fault of a token endpoint: `down` responds 503 with a page, `slow` processes the request and responds two
 * seconds later, `invalid_client` refuses the client, `rate_limited` responds 429, `garbage` responds 200 with a page.
 * All but `slow` leave the request unprocessed: no code is used and no refresh token replaced.
 */
const tokenFault = z.enum(['none', 'down', 'slow', 'invalid_client', 'rate_limited', 'garbage']);

/** Settings of a provider's token endpoint, in place of those of its entry. Lifetimes are of tokens issued from then on. */
export const tokenSettings = z.strictObject({
  accessTokenSeconds: z.optional(seconds),
  rotation: z.optional(z.enum(['none', 'each'])),
  graceSeconds: z.optional(seconds),
  refreshTokenSeconds: z.optional(seconds),
  mode: z.optional(tokenFault),
});

export type TokenSettings = z.infer<typeof tokenSettings>;

/** Decision that a provider's next authorization request is answered with, without a page. */
export const nextConsent = z.strictObject({
  provider: z.string(),
  /** Any account; by its id alone, one of the page's accounts. The page's first account when left out. */
  account: z.optional(z.union([z.strictObject({ id: text, label: text }), text])),
  /** Granted ones among those that are requested; all of them when left out. */
  scopes: z.optional(z.array(text)),
  deny: z.optional(z.boolean()),
});

export type NextConsent = Omit<z.infer<typeof nextConsent>, 'provider'>;
