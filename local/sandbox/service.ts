/** A request as a third party sees it. */
export interface ServiceRequest {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a third party answers. */
export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Why a service refuses: nothing presented, never heard of, taken back, or run out. */
export type Refusal = 'missing' | 'unknown' | 'revoked' | 'expired';

/** The account behind accepted credentials, and what else the service may tell of them. */
export interface Session {
  readonly account: { readonly id: string; readonly label: string };
  /** RFC 3339, or null when they do not end. */
  readonly expiresAt: string | null;
  readonly scopes: readonly string[];
  readonly request: ServiceRequest;
}

/** One request that a service documents. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** `:name` stands for one part of the path. This is also what is shown of the path afterwards. */
  readonly path: string;
  readonly answer: (session: Session) => ServiceAnswer;
}

/** A third party as its own documentation describes it; nothing here is taken from our catalogue. */
export interface Service {
  readonly provider: string;
  readonly host: RegExp;
  readonly routes: readonly Route[];
  /** The credentials that a request carries, by the provider's field names. */
  readonly presented: (request: ServiceRequest) => Readonly<Record<string, string>> | undefined;
  /** An account in the service's own shape, for credentials that came without one. */
  readonly account: (
    seed: string,
    presented: Readonly<Record<string, string>>,
  ) => { readonly id: string; readonly label: string };
  readonly refused: (why: Refusal, request: ServiceRequest) => ServiceAnswer;
  /** The credentials are known, but may not do this. */
  readonly forbidden: (request: ServiceRequest) => ServiceAnswer;
  readonly rateLimited: (seconds: number, now: Date) => ServiceAnswer;
}

export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): ServiceAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

export function text(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): ServiceAnswer {
  return { status, headers: { 'content-type': 'text/plain;charset=utf-8', ...headers }, body };
}

/** What follows a scheme such as `Bearer` in the Authorization header. */
export function authorization(request: ServiceRequest, scheme: string): string | undefined {
  const value = request.headers.authorization ?? '';
  return value.startsWith(`${scheme} `) ? value.slice(scheme.length + 1) : undefined;
}

/** User name and password of Basic authentication (RFC 7617). */
export function basic(request: ServiceRequest): { username: string; password: string } | undefined {
  const encoded = authorization(request, 'Basic');
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 0 ? undefined : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/** A field that a request carries or not, as credentials of that one field. */
export function only(name: string, value: string | undefined): Readonly<Record<string, string>> | undefined {
  return value ? { [name]: value } : undefined;
}

/** Ids that a service writes as numbers. */
export function numeric(id: string): number | string {
  return /^[1-9]\d{0,14}$/.test(id) ? Number(id) : id;
}

/** A number of up to nine digits, always the same for the same seed. */
export function numberOf(seed: string): string {
  return String((Number.parseInt(seed.slice(0, 8), 16) % 899_999_999) + 100_000_000);
}

/** Seconds since 1970 in `seconds` from now, as many services write a reset. */
export function epochIn(seconds: number, now: Date): string {
  return String(Math.ceil(now.getTime() / 1000) + seconds);
}

/** `who (where)` taken apart; without brackets it is all `who`. */
export function whoAndWhere(label: string): { who: string; where: string } {
  const match = /^(.*) \((.*)\)$/.exec(label);
  return { who: match?.[1] ?? label, where: match?.[2] ?? '' };
}
