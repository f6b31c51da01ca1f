/**
 * The browser's way to the provider and back. A pop-up sends what it came back with to the page that opened it;
 * where pop-ups are blocked, the page itself leaves, and finds what it came back with after it has loaded again.
 * A completion code counts only with the token of the user who began (RFC 9700, section 4.7), so that passing it
 * between windows of one origin gives nothing away.
 */

/** Result of the provider's redirect. */
export type AuthorizationResult =
  | { readonly authorizationId: string; readonly completion: string }
  | { readonly authorizationId: string; readonly error: string };

/** Purpose of an authorization. */
export type AuthorizationPurpose =
  | { readonly kind: 'reconnect'; readonly connectionId: string }
  | { readonly kind: 'connect'; readonly flowId: string; readonly stepId: string; readonly provider: string };

interface PendingAuthorization {
  readonly projectId: string;
  readonly authorizationId: string;
  readonly purpose: AuthorizationPurpose;
  readonly result?: AuthorizationResult;
}

const CHANNEL = 'connections-authorization';
const STORAGE_KEY = 'connections-authorization';
const POPUP_FEATURES = 'popup,width=620,height=760';
const CLOSED_CHECK_MS = 700;

/**
 * Opens an empty pop-up; call it in the handler of a click, as browsers demand.
 *
 * @returns null where the browser blocks it.
 */
export function openPopup(): Window | null {
  return window.open('about:blank', '_blank', POPUP_FEATURES);
}

/** Address to which the provider returns the browser in the end: this page, without what an earlier authorization left. */
export function returnAddress(): string {
  const address = new URL(location.href);
  for (const name of ['authorization', 'completion', 'error']) address.searchParams.delete(name);
  address.hash = '';
  return address.href;
}

/**
 * Waits until the pop-up comes back.
 *
 * @param onClosed is called once if the pop-up seems closed; a provider's opener policy can make it seem so.
 * @returns undefined where `signal` aborts.
 */
export function waitForPopup(
  popup: Window,
  authorizationId: string,
  onClosed: () => void,
  signal: AbortSignal,
): Promise<AuthorizationResult | undefined> {
  return new Promise((resolve) => {
    const channel = new BroadcastChannel(CHANNEL);
    const timer = setInterval(() => {
      if (!popup.closed) return;
      clearInterval(timer);
      onClosed();
    }, CLOSED_CHECK_MS);
    const finish = (result: AuthorizationResult | undefined) => {
      clearInterval(timer);
      channel.close();
      resolve(result);
    };
    channel.onmessage = ({ data }: MessageEvent<AuthorizationResult>) => {
      if (data.authorizationId === authorizationId) finish(data);
    };
    signal.addEventListener('abort', () => finish(undefined), { once: true });
  });
}

/** Leaves this page for the provider. */
export function leaveForProvider(authorizationUrl: string, pending: PendingAuthorization): void {
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify(pending));
  location.assign(authorizationUrl);
}

/** Returns what the page came back with, once; undefined where it did not leave for this project. */
export function takeResult(
  projectId: string,
): { readonly purpose: AuthorizationPurpose; readonly result: AuthorizationResult } | undefined {
  const pending = readPending();
  if (pending?.projectId !== projectId || !pending.result) return undefined;
  sessionStorage.removeItem(STORAGE_KEY);
  return { purpose: pending.purpose, result: pending.result };
}

/** Record that this page wrote before it left. */
function readPending(): PendingAuthorization | undefined {
  const stored = sessionStorage.getItem(STORAGE_KEY);
  return stored === null ? undefined : JSON.parse(stored);
}

function resultIn({ searchParams }: URL): AuthorizationResult | undefined {
  const authorizationId = searchParams.get('authorization');
  const completion = searchParams.get('completion');
  const error = searchParams.get('error');
  if (!authorizationId) return undefined;
  if (completion) return { authorizationId, completion };
  return error ? { authorizationId, error } : undefined;
}

/**
 * Receives the browser that comes back from a provider. Runs when the elements are loaded, and takes the parameters
 * out of the address, so that neither the history nor a referrer keeps them.
 *
 * @returns true in a pop-up, which has nothing else to do: it closes.
 */
function receiveReturn(): boolean {
  const result = resultIn(new URL(location.href));
  if (!result) return false;
  history.replaceState(history.state, '', returnAddress());
  const pending = readPending();
  if (pending?.authorizationId === result.authorizationId) {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ ...pending, result }));
    return false;
  }
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(result);
  channel.close();
  window.close();
  return true;
}

/** True in a pop-up that came back from a provider: the host need not draw its page there. */
export const isAuthorizationPopup = receiveReturn();
