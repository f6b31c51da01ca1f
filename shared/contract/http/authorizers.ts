import type { Capability } from '../capabilities.ts';

/** Issuer of access tokens that the API accepts. */
export interface TrustedIssuer {
  /** OpenID Connect issuer URL, as in a token's `iss`. */
  readonly issuer: string;
  /** Accepted values of a token's `aud`, or of `client_id` where it has no `aud`. */
  readonly audience: readonly string[];
  /** `at+jwt` if the issuer marks access tokens by this type (RFC 9068). */
  readonly accessTokenType?: 'at+jwt' | undefined;
}

/** A Lambda function that API Gateway asks whether a request may reach its route. */
interface AuthorizerFunction {
  /** The function's file under `functions/`. */
  readonly entry: `authorizers/${string}`;
  /** One sentence for operators. */
  readonly summary: string;
  readonly capabilities: readonly Capability[];
}

/** All authorizers. A stage with one issuer needs none: API Gateway verifies its tokens. */
export const authorizers = {
  verifyTokens: {
    entry: 'authorizers/verify-tokens',
    summary: "Verifies users' access tokens in a stage with several issuers",
    capabilities: ['tokens:verify'],
  },
} as const satisfies Record<string, AuthorizerFunction>;
