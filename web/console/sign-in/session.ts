import {
  AuthorizationResponseError,
  authorizationCodeGrantRequest,
  calculatePKCECodeChallenge,
  discoveryRequest,
  generateRandomCodeVerifier,
  generateRandomState,
  getValidatedIdTokenClaims,
  None,
  processAuthorizationCodeResponse,
  processDiscoveryResponse,
  ResponseBodyError,
  validateAuthResponse,
} from 'oauth4webapi';
import { showMessage } from './message.ts';
import { type PendingSignIn, savePending, takePending } from './pending.ts';
import { type Registration, Tokens, transport } from './tokens.ts';

/** Content of `/config.json`. */
export interface SessionConfig {
  readonly apiUrl: string;
  /** OpenID Connect issuer, as in a token's `iss`. */
  readonly issuer: string;
  /** The console's public client at the issuer, registered with `/signed-in` and `/signed-out` of this origin. */
  readonly clientId: string;
  /** Scopes to ask for, separated by blanks; `openid` is one of them. */
  readonly scope: string;
}

/** A signed-in user. */
export interface Session {
  readonly user: { readonly id: string; readonly name?: string };
  /**
   * Returns an access token for the API, renewed where needed.
   *
   * @throws Error where the issuer does not respond; the next call tries again.
   */
  accessToken(): Promise<string>;
  /** Ends the session here, in the other tabs and at the issuer. The page is left. */
  signOut(): Promise<void>;
}

/** Address to which the issuer returns; registered with it. */
const CALLBACK_PATH = '/signed-in';
const SIGNED_OUT_PATH = '/signed-out';
/** Tabs of this origin learn on it that the user signed out. */
const SIGN_OUT_CHANNEL = 'connections.sign-out';

/**
 * Signs the user in by the authorization code flow with PKCE (RFC 7636, S256), and returns to the address that the user
 * opened. Resolves on the page that the user came for; on any other outcome the page is left, or shows a message, and the
 * promise stays pending.
 */
export async function createSession(config: SessionConfig): Promise<Session> {
  if (location.pathname === SIGNED_OUT_PATH) {
    showMessage('signedOut', () => location.replace('/'));
    return never();
  }
  try {
    const registration = await discover(config);
    if (location.pathname !== CALLBACK_PATH) return await startSignIn(registration, config);
    const parameters = new URLSearchParams(location.search);
    const pending = takePending(parameters.get('state'));
    // A bookmark, or a page from the history: its response was used.
    if (!pending) return await leaveFor('/');
    return await finishSignIn(registration, config, parameters, pending);
  } catch (error) {
    showFailure(error);
    return never();
  }
}

async function discover({ issuer, clientId }: SessionConfig): Promise<Registration> {
  const identifier = new URL(issuer);
  const response = await discoveryRequest(identifier, transport({ issuer }));
  const server = await processDiscoveryResponse(identifier, response);
  return { server, client: { client_id: clientId } };
}

async function startSignIn({ server, client }: Registration, { scope }: SessionConfig): Promise<never> {
  if (server.authorization_endpoint === undefined) throw new Error('The issuer has no sign-in page.');
  const pending: PendingSignIn = {
    state: generateRandomState(),
    codeVerifier: generateRandomCodeVerifier(),
    returnTo: `${location.pathname}${location.search}${location.hash}`,
  };
  savePending(pending);
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: addressOf(CALLBACK_PATH),
    scope,
    state: pending.state,
    code_challenge: await calculatePKCECodeChallenge(pending.codeVerifier),
    code_challenge_method: 'S256',
  }).toString();
  return leaveFor(url);
}

async function finishSignIn(
  registration: Registration,
  config: SessionConfig,
  parameters: URLSearchParams,
  { state, codeVerifier, returnTo }: PendingSignIn,
): Promise<Session> {
  // A failure shows its message at the address that the user came for, so that a reload tries again from there.
  history.replaceState(null, '', returnTo);
  const { server, client } = registration;
  const response = await authorizationCodeGrantRequest(
    server,
    client,
    None(),
    validateAuthResponse(server, client, parameters, state),
    addressOf(CALLBACK_PATH),
    codeVerifier,
    transport(server),
  );
  const tokens = await processAuthorizationCodeResponse(server, client, response, { requireIdToken: true });
  const claims = getValidatedIdTokenClaims(tokens);
  if (claims === undefined) throw new Error('The issuer returned no ID token.');
  const { sub, name } = claims;
  const user = { id: sub, ...(typeof name === 'string' && { name }) };
  return openSession(
    registration,
    user,
    new Tokens(registration, tokens, () => startSignIn(registration, config)),
  );
}

function openSession(registration: Registration, user: Session['user'], tokens: Tokens): Session {
  const otherTabs = new BroadcastChannel(SIGN_OUT_CHANNEL);
  otherTabs.addEventListener('message', () => location.replace(SIGNED_OUT_PATH), { once: true });
  return {
    user,
    accessToken: () => tokens.accessToken(),
    async signOut() {
      otherTabs.postMessage(null);
      // The page forgets the tokens either way, and an issuer that cannot be reached must not keep the user here.
      await Promise.allSettled([tokens.revoke()]);
      await leaveFor(endSessionUrl(registration, tokens.idToken));
    },
  };
}

/**
 * Composes the address that ends the session at the issuer, by OpenID Connect RP-Initiated Logout. Cognito takes the
 * address to return to as `logout_uri`.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
 */
function endSessionUrl({ server, client }: Registration, idToken: string | undefined): string | URL {
  if (server.end_session_endpoint === undefined) return SIGNED_OUT_PATH;
  const url = new URL(server.end_session_endpoint);
  const returnTo = addressOf(SIGNED_OUT_PATH);
  url.searchParams.set('client_id', client.client_id);
  url.searchParams.set('post_logout_redirect_uri', returnTo);
  url.searchParams.set('logout_uri', returnTo);
  if (idToken !== undefined) url.searchParams.set('id_token_hint', idToken);
  return url;
}

function showFailure(error: unknown): void {
  const retry = () => location.reload();
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    showMessage('refused', retry, error.error_description ?? error.error);
  } else if (error instanceof TypeError) {
    // The error of a fetch without a response.
    showMessage('unreachable', retry);
  } else {
    showMessage('refused', retry, error instanceof Error ? error.message : undefined);
  }
}

function addressOf(path: string): string {
  return `${location.origin}${path}`;
}

/** Leaves the page, which stays out of the browser's history: "back" does not start another sign-in. */
function leaveFor(address: string | URL): Promise<never> {
  location.replace(address);
  return never();
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
