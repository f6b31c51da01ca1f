/** An authorization request that the issuer has not responded to yet. */
export interface PendingSignIn {
  readonly state: string;
  readonly codeVerifier: string;
  /** Path, query and fragment of the page that the user opened. */
  readonly returnTo: string;
}

/** The tab's own storage: it outlives the redirect to the issuer, and ends with the tab. No token is ever in it. */
const KEY = 'connections.sign-in';

/** Keeps a request for the page that the issuer redirects to. It replaces an earlier one, which was given up. */
export function savePending(pending: PendingSignIn): void {
  sessionStorage.setItem(KEY, JSON.stringify(pending));
}

/** Returns and removes the request of a state, which serves for one response; undefined where this tab made none. */
export function takePending(state: string | null): PendingSignIn | undefined {
  const stored: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
  if (!isPending(stored) || stored.state !== state) return undefined;
  sessionStorage.removeItem(KEY);
  return stored;
}

function isPending(value: unknown): value is PendingSignIn {
  if (typeof value !== 'object' || value === null) return false;
  const fields = ['state', 'codeVerifier', 'returnTo'];
  return fields.every((field) => typeof Reflect.get(value, field) === 'string');
}
