import {
  type AuthorizationServer,
  allowInsecureRequests,
  type Client,
  None,
  processRefreshTokenResponse,
  processRevocationResponse,
  ResponseBodyError,
  refreshTokenGrantRequest,
  revocationRequest,
  type TokenEndpointResponse,
} from 'oauth4webapi';

/** The issuer and the console's registration with it: a public client, without a secret. */
export interface Registration {
  readonly server: AuthorizationServer;
  readonly client: Client;
}

/** A token is renewed when less of its life is left, so that none ends on its way to the API. */
const RENEWAL_MARGIN_MS = 60_000;
/** The life of an access token whose issuer does not state it; RFC 6749 (section 5.1) only recommends that it does. */
const UNSTATED_LIFETIME_S = 300;

/** Permits plain HTTP to an issuer on this machine: the one of local mode. */
export function transport({ issuer }: Pick<AuthorizationServer, 'issuer'>) {
  const { protocol, hostname } = new URL(issuer);
  const isLocal = protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(hostname);
  return { [allowInsecureRequests]: isLocal };
}

/**
 * The tokens of a signed-in user, in memory alone: they end with the page. A reload signs in again by a redirect, which
 * the issuer's own session answers without a page.
 */
export class Tokens {
  readonly #registration: Registration;
  /** Leaves the page for the issuer, and never resolves. */
  readonly #signInAgain: () => Promise<never>;
  #current: TokenEndpointResponse;
  #expiresAt: number;
  #renewal: Promise<string> | undefined;

  constructor(registration: Registration, first: TokenEndpointResponse, signInAgain: () => Promise<never>) {
    this.#registration = registration;
    this.#signInAgain = signInAgain;
    this.#current = first;
    this.#expiresAt = endOf(first);
  }

  /** The ID token, which names the session to end at the issuer. */
  get idToken(): string | undefined {
    return this.#current.id_token;
  }

  /**
   * Returns an access token that is valid for a minute or more, renewed by the refresh token where needed. Calls at the
   * same time share one renewal. Where the issuer no longer renews, the page goes to sign-in, and returns to its address.
   *
   * @throws TypeError where the issuer cannot be reached; ResponseBodyError where it fails.
   */
  async accessToken(): Promise<string> {
    if (this.#expiresAt - Date.now() > RENEWAL_MARGIN_MS) return this.#current.access_token;
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  /** Revokes the refresh token (RFC 7009), where the issuer revokes at all. */
  async revoke(): Promise<void> {
    const { server, client } = this.#registration;
    const { refresh_token } = this.#current;
    if (refresh_token === undefined || server.revocation_endpoint === undefined) return;
    const response = await revocationRequest(server, client, None(), refresh_token, transport(server));
    await processRevocationResponse(response);
  }

  async #renew(): Promise<string> {
    const { server, client } = this.#registration;
    const { refresh_token, id_token } = this.#current;
    if (refresh_token === undefined) return this.#signInAgain();
    const response = await refreshTokenGrantRequest(server, client, None(), refresh_token, transport(server));
    try {
      const renewed = await processRefreshTokenResponse(server, client, response);
      // An issuer that does not rotate returns neither; the former ones stay valid.
      this.#current = { refresh_token, ...(id_token !== undefined && { id_token }), ...renewed };
      this.#expiresAt = endOf(renewed);
      return renewed.access_token;
    } catch (error) {
      if (error instanceof ResponseBodyError && error.error === 'invalid_grant') return this.#signInAgain();
      throw error;
    }
  }
}

function endOf({ expires_in = UNSTATED_LIFETIME_S }: TokenEndpointResponse): number {
  return Date.now() + expires_in * 1000;
}
