/** Kind of a token, in its own words: `typ` of its header and `token_use` of its claims, as received. */
interface TokenKind {
  readonly type: unknown;
  readonly use: unknown;
}

/**
 * Returns true for an access token. With `required`, the token's `typ` must be that type (RFC 9068, section 4); without it,
 * `typ` must not name another type. Cognito marks ID tokens by `token_use`.
 */
export function isAccessToken({ type, use }: TokenKind, required?: string): boolean {
  if (use === 'id') return false;
  if (type === undefined) return required === undefined;
  if (typeof type !== 'string') return false;
  const name = type.toLowerCase().replace(/^application\//, '');
  return required ? name === required : name === 'jwt' || name === 'at+jwt';
}
