/** Result of verifying an access token. */
export type TokenVerification =
  | {
      readonly outcome: 'verified';
      /** Id of the user, at whichever issuer. */
      readonly sub: string;
      /** End of the token, in seconds since 1970. */
      readonly exp: number;
    }
  | {
      readonly outcome: 'refused';
      /** Cause in one word, without anything of the token. */
      readonly reason: string;
    };

/** Verifies access tokens of several issuers. */
export interface TokenVerifier {
  /**
   * @param now time at which the token must be valid.
   * @throws Error where the keys of the issuer cannot be read: nothing is known of the token then.
   */
  verify(token: string, now: Date): Promise<TokenVerification>;
}
