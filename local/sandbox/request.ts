type Values = Readonly<Record<string, string>>;

/** Request that the sandbox received for a provider. */
export interface SandboxRequest {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Values;
}

/** Kind and content of a request, as an entry describes them. */
export interface MatchedRequest {
  /** Documented request that it is; undefined for any other path. */
  readonly documented: DocumentedRequest | undefined;
  /** Credentials by the entry's fields; undefined where the request lacks some, or contradicts itself. */
  readonly credentials: Values | undefined;
}

export interface DocumentedRequest {
  readonly kind: 'probe' | 'expiry';
  readonly method: string;
  /** Template. */
  readonly path: string;
  readonly match: (path: string) => Values | undefined;
}

/** Decodes Basic authentication (RFC 7617); undefined where the request has none. */
export function basicOf({
  headers,
}: Pick<SandboxRequest, 'headers'>): { username: string; password: string } | undefined {
  const encoded = /^Basic (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 0 ? undefined : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}
