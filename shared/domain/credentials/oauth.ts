import type { Provider } from '../../catalog/schema.ts';
import type { Sealer } from './sealer.ts';
import type { CredentialsVersion } from './store.ts';

/** An OAuth client at a provider: the platform's, or a project's own for client credentials. */
export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Reads the platform's OAuth clients. */
export interface OAuthClientReader {
  /** Returns the client of this name; undefined where the platform has not configured it. Cached for 5 minutes, 10 s if missing. */
  find(name: string): Promise<OAuthClient | undefined>;
}

/** Knows which OAuth clients the platform has, without reading them. */
export interface OAuthClientIndex {
  /** Returns true if the platform has a client of this name. Cached for 5 minutes, 10 s if missing. */
  isConfigured(name: string): Promise<boolean>;
}

/** Tokens that a provider issued. */
export interface TokenSet {
  readonly accessToken: string;
  /** `Bearer`, as a rule. */
  readonly tokenType: string;
  readonly refreshToken: string | undefined;
  /** Seconds from now until the access token ends; null if it does not. */
  readonly expiresInSeconds: number | null;
  /** Seconds from now until the refresh token ends; null where the provider does not say. */
  readonly refreshTokenSeconds: number | null;
  /** Granted scopes; null where the provider does not list them. */
  readonly scopes: readonly string[] | null;
  /** Values of the entry's `keep`. */
  readonly kept: Readonly<Record<string, string>>;
}

/** Result of a call to a token endpoint. */
export type TokenResult =
  | { readonly outcome: 'ok'; readonly tokens: TokenSet }
  | (TokenFailure & {
      /** True where the response to a refresh was lost: the provider may have replaced the refresh token. */
      readonly isResponseLost?: boolean;
    });

type TokenFailure =
  /** The code, refresh token, client credentials or key are not accepted: `invalid_grant`, as a rule. */
  | { readonly outcome: 'rejected' }
  /** The platform's own error: `invalid_client`, `unauthorized_client`, a wrong redirect URI. */
  | { readonly outcome: 'misconfigured'; readonly error: string }
  | { readonly outcome: 'unavailable'; readonly retryAfterSeconds: number };

/** A provider with a client, and the values that its requests need. */
export interface OAuthParty {
  readonly provider: Provider;
  /** Empty for a service account, whose key authenticates it. */
  readonly client: OAuthClient;
  /** Values that the user entered (a shop, a subdomain, a key), and those of the entry's `keep`. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Parameters of an authorization's redirect. */
export interface CodeGrant {
  readonly code: string;
  readonly codeVerifier: string | null;
  readonly redirectUri: string;
  /** Query parameters of the redirect, for `keep`. */
  readonly callback: Readonly<Record<string, string>>;
}

/** Where the authorization server of a discovery sends browsers back to, and the address of the client's metadata. */
export interface ClientAddresses {
  readonly redirectUri: string;
  /** Client id metadata document (draft-ietf-oauth-client-id-metadata-document). */
  readonly metadataUrl: string;
}

/** Metadata of a protected resource and its authorization server. */
export type Discovery =
  | {
      readonly outcome: 'ok';
      /** Values of the entry's templates, by `DISCOVERED`, and `clientSecret` of a client that was registered. */
      readonly values: Readonly<Record<string, string>>;
      readonly issuer: string;
      /** True: the redirect must name the issuer (RFC 9207). */
      readonly isIssuerSent: boolean;
    }
  /** The resource needs no authorization, or its server lacks what is needed. The text is for users. */
  | { readonly outcome: 'unsupported'; readonly message: string }
  | { readonly outcome: 'unavailable' };

/** Discovers authorization servers of protected resources, and registers clients there. */
export interface AuthorizationServerDiscovery {
  discover(resource: string, addressesOf: (issuer: string) => ClientAddresses): Promise<Discovery>;
}

/** Calls providers' OAuth 2.0 endpoints. Network and provider failures are outcomes, never thrown. */
export interface OAuthProvider {
  exchangeCode(party: OAuthParty, grant: CodeGrant): Promise<TokenResult>;
  /**
   * Obtains tokens without the user, by the grant of the provider's entry: the refresh token among the fields, the project's
   * own client credentials (RFC 6749, section 4.4), or an assertion of a service account (RFC 7523).
   */
  renew(party: OAuthParty): Promise<TokenResult>;
  /** Revokes a grant, where the provider has an endpoint. Returns false if it should be tried again later. */
  revoke(
    party: OAuthParty,
    tokens: { readonly accessToken?: string | undefined; readonly refreshToken?: string | undefined },
  ): Promise<boolean>;
}

/** Ports of every operation that obtains or uses tokens. */
export interface OAuthPorts {
  readonly oauthClients: OAuthClientReader;
  readonly oauthProvider: OAuthProvider;
  readonly sealer: Sealer;
}

/** The connection and credentials version that tokens belong to, whichever store has it. */
export type TokenOwner = Omit<CredentialsVersion, 'store'>;
