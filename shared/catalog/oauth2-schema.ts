import * as z from 'zod/mini';

const text = z.string().check(z.trim(), z.minLength(1), z.maxLength(400));
/**
 * Address of an endpoint. The leftmost label of the host, and path segments, may hold a `{field}` template, so that no
 * value reaches another domain. Of an open entry, it may be a single template.
 */
const endpoint = z
  .string()
  .check(
    z.regex(
      /^(https:\/\/(\{[A-Za-z0-9]+\}\.)?([a-z0-9-]+\.)+[a-z]{2,}(\/[^\s?#]*)?|\{[A-Za-z0-9]+\})$/,
      'must be https://host/path, with a template as leftmost label at most',
    ),
  );
const parameters = z.record(text, z.string());
/** Address of an endpoint without a template, and with a query at most. */
const fixedEndpoint = z
  .string()
  .check(z.regex(/^https:\/\/([a-z0-9-]+\.)+[a-z]{2,}\/[^\s#{}]*$/, 'must be https://host/path?query'));
/**
 * `token.<path>` reads the token response, `callback.<name>` a query parameter of the redirect, `metadata.<path>` the
 * response to the request of `metadata`, `request.redirect_uri` where the provider redirected to.
 */
const reading = z
  .string()
  .check(
    z.regex(
      /^((token|callback|metadata)\.\S+|request\.redirect_uri)$/,
      'must be token.<path>, callback.<name>, metadata.<path> or request.redirect_uri',
    ),
  );
const clientAuthentication = z.enum(['basic', 'body', 'none']);
/** Path of a member whose presence, or value false, marks an error, and that of its code. */
const errorAt = z.strictObject({ path: text, code: text });
/** Request for tokens by a grant type of the provider's own: a GET with the parameters in the query. */
const ownGrant = z.strictObject({
  url: endpoint,
  grantType: text,
  /** Further parameters: templates with `{clientId}`, `{clientSecret}` and `{accessToken}`, the token that is exchanged. */
  parameters,
});

/** OAuth 2.0 of a provider, as far as it differs from RFC 6749 and from other providers. */
export const oauth2Schema = z.strictObject({
  /**
   * Name of the platform's OAuth client at the provider. Entries that are served by the same client share it: all
   * Google entries have `google`. Left out where each project has a client or a key of its own: `auth.type`
   * `oauth2_client_credentials`, with the fields `clientId` and `clientSecret`, or `service_account`, with
   * `serviceAccountKey`.
   */
  client: z.optional(
    z.string().check(z.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be kebab-case'), z.maxLength(40)),
  ),
  /**
   * In an open entry, the field with the address of the protected resource, whose authorization server is discovered
   * (RFC 9728, RFC 8414) and gives the values `authorizeUrl`, `tokenUrl`, `scopes`, `resource`, `clientId` and
   * `clientAuthentication`.
   */
  discovery: z.optional(z.strictObject({ from: text })),
  authorizeUrl: z.optional(endpoint),
  tokenUrl: endpoint,
  /** Value of `iss` that the provider adds to the redirect (RFC 9207), if it documents one. */
  issuer: z.optional(z.url()),
  scopes: z.strictObject({
    /** Scopes without which a connection does not work. Empty where the provider has none, or sets them on the client. */
    required: z.array(text),
    /** Field of an open entry in which the user enters them, separated by spaces, in place of "required". */
    from: z.optional(text),
    /** Further scopes that are requested; a connection works without them. */
    optional: z.optional(z.array(text)),
    /** Query parameter of the scopes. Default: `scope`. */
    parameter: z.optional(text),
    /** Query parameter of the optional scopes, where they have one of their own. */
    optionalParameter: z.optional(text),
    /** Default: a space. */
    separator: z.optional(z.string()),
    /**
     * Path of the granted scopes in the token response. Left out where it does not list them: the requested ones count
     * as granted (RFC 6749, section 5.1).
     */
    granted: z.optional(z.strictObject({ read: reading, separator: z.optional(z.string()) })),
    /** Requested scopes that the response never names, such as `offline_access`. */
    neverReturned: z.optional(z.array(text)),
    /** Name of a requested scope in the granted list, where it differs. */
    aliases: z.optional(z.record(text, text)),
  }),
  /** False only where the provider's documentation says that PKCE is refused. True sends S256 always. */
  pkce: z.boolean(),
  /** Further parameters; of an open entry, templates with its fields. */
  authorizeParameters: z.optional(parameters),
  token: z.strictObject({
    /** Client authentication at the token endpoint (RFC 6749, section 2.3.1). `none` for a service account's key. */
    clientAuthentication,
    /** Field, or discovered value, of an open entry that says it. */
    clientAuthenticationFrom: z.optional(text),
    /** Encoding of the request: a POST with a form or JSON, or a GET with a query. Default: `form`. */
    request: z.optional(z.enum(['form', 'json', 'query'])),
    /** Grant type of a project's own client. Default: `client_credentials`. */
    grantType: z.optional(text),
    /** Name of the client id parameter. Default: `client_id`. */
    clientIdParameter: z.optional(text),
    headers: z.optional(parameters),
    /** Further parameters: templates with entered fields, and with `{callback.<name>}` in exchange for a code. */
    parameters: z.optional(parameters),
    /** Path of the object that holds the tokens, where the response nests them: `authed_user`. */
    root: z.optional(text),
    /** Place of errors, unless that of RFC 6749: in a response with status 200, or nested. */
    errorAt: z.optional(errorAt),
    /** Error codes beside those of RFC 6749: that refuse a code or refresh token, and that refuse the client. */
    errors: z.optional(
      z.strictObject({ refused: z.optional(z.array(text)), misconfigured: z.optional(z.array(text)) }),
    ),
    /** Path of the end of the access token in the response, as RFC 3339, where that has no `expires_in`. */
    expiresAt: z.optional(text),
    /** Lifetime of access tokens in seconds, where the response has no `expires_in`; null: they do not end. */
    accessTokenSeconds: z.optional(z.nullable(z.int().check(z.gte(60)))),
  }),
  /**
   * Exchange of the token that the code brought for one that lasts, where the provider has that instead of refresh tokens.
   * With `refresh`, such a token renews itself: it is the refresh token, replaced each time.
   */
  longLived: z.optional(
    z.strictObject({
      exchange: ownGrant,
      refresh: z.optional(ownGrant),
      /** Place of these requests' errors, if not that of `token`. */
      errorAt: z.optional(errorAt),
    }),
  ),
  /**
   * GET with the first access token, whose response `keep` reads. Templates of the query and the headers hold
   * `{accessToken}`, or `{claims.<name>}` for a claim of it, where it is a JWT by the provider's documentation.
   */
  metadata: z.optional(z.strictObject({ url: endpoint, query: z.optional(parameters), headers: parameters })),
  /**
   * Values that requests need later, by the names that templates and the engine have for them: read once, stored with the
   * credentials, and issued to the engine beside the token.
   */
  keep: z.optional(
    z.record(
      z.string().check(z.regex(/^[a-z][A-Za-z0-9]{0,39}$/)),
      z.strictObject({
        read: reading,
        /** Template of made-up values, with `{name}`, `{digits}` and fields. Default: `sample-<name>-{name}`. */
        sample: z.optional(text),
      }),
    ),
  ),
  /** Left out where the provider issues no refresh tokens. */
  refresh: z.optional(
    z.strictObject({
      /** Endpoint, if not that of the token. */
      url: z.optional(fixedEndpoint),
      /** Further parameters: templates with kept values. */
      parameters: z.optional(parameters),
      /** `each`: every refresh returns a new refresh token that replaces the old one. */
      rotation: z.enum(['none', 'each']),
      /** Seconds for which a replaced refresh token still works. */
      graceSeconds: z.optional(z.int()),
      /** Days after which an unused refresh token ends. */
      unusedDays: z.optional(z.int()),
      /** Path of the refresh token's remaining seconds in the token response. */
      seconds: z.optional(reading),
      /** Days after which a refresh token ends however it is used. */
      maxDays: z.optional(z.int()),
    }),
  ),
  revocation: z.optional(
    z.strictObject({
      url: endpoint,
      /** The token that is sent. */
      token: z.enum(['access_token', 'refresh_token']),
      /**
       * `rfc7009`: form with `token` and client authentication; `json`: the same as JSON. `bearer`: an empty POST with the
       * token as bearer.
       */
      request: z.enum(['rfc7009', 'json', 'bearer']),
      /** Default: POST. */
      method: z.optional(z.enum(['POST', 'DELETE'])),
      /**
       * Parameters in the place of those of RFC 7009: templates with `{token}`, `{clientId}` and `{clientSecret}`.
       */
      parameters: z.optional(parameters),
      /** Default: that of the token endpoint. */
      clientAuthentication: z.optional(clientAuthentication),
      /** Extent of the revocation: the grant of that token, or all grants of the user and the client. */
      ends: z.enum(['grant', 'all_grants_of_user']),
    }),
  ),
  /** The provider's own pages for each part. */
  sources: z.strictObject({
    authorize: z.optional(z.url()),
    token: z.url(),
    scopes: z.url(),
    refresh: z.optional(z.url()),
    revocation: z.optional(z.url()),
    longLived: z.optional(z.url()),
    metadata: z.optional(z.url()),
  }),
});
