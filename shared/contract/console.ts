/**
 * Contract of the web console's server: configuration, paths of pages, and headers of responses.
 * CloudFront and local mode both follow it.
 */

/** Content of the console's `/config.json`. */
export interface ConsoleConfig {
  /** The API's address, without a trailing slash. */
  readonly apiUrl: string;
  /** OpenID Connect issuer, as in a token's `iss`. */
  readonly issuer: string;
  /** The console's public client at the issuer. */
  readonly clientId: string;
  /** Scopes that the console asks for, separated by blanks. */
  readonly scope: string;
}

/** The scopes of a user's id and name. Cognito and the local issuer return a refresh token without a scope for it. */
export const DEFAULT_SCOPE = 'openid profile email';

/** Path below the console's address to which the issuer returns the browser. */
export const SIGNED_IN_PATH = '/signed-in';
export const SIGNED_OUT_PATH = '/signed-out';

/** Begins the path of every request to the API. */
export const API_PATH_PREFIX = '/v1/';

/** Matches the path of a file. Any other path outside of the API is a page, for which `/index.html` is served. */
export const FILE_PATH = /^\/(assets\/.+|[^/]+\.[^/]+)$/;

/** Begins the path of files whose names contain a hash of their content. */
const HASHED_FILES = '/assets/';

/** Returns the `cache-control` of a file: a new build renames hashed files, and all others are asked for each time. */
export function cacheControl(path: string): string {
  return path.startsWith(HASHED_FILES) ? 'public, max-age=31536000, immutable' : 'no-cache';
}

/** Headers of every response of the console, beside its content security policy. */
export const SECURITY_HEADERS = {
  // The address of a page after sign-in holds an authorization code.
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
} as const;

interface ContentSources {
  /** Origins that scripts may call beside the console's own: those of the issuer's endpoints. */
  readonly connectTo: readonly string[];
  /** Origins of images beside the console's own: the one in the providers' icon addresses. */
  readonly imagesFrom: readonly string[];
}

/** Composes the content security policy: no inline script, no other origin, no frame around the console. */
export function contentSecurityPolicy({ connectTo, imagesFrom }: ContentSources): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    ["img-src 'self' data:", ...imagesFrom].join(' '),
    ["connect-src 'self'", ...connectTo].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
