import * as z from 'zod/mini';
import { openAddress } from '../../../catalog/open.ts';
import { parseResponse } from '../../../catalog/responses.ts';
import type {
  AuthorizationServerDiscovery,
  ClientAddresses,
  Discovery,
} from '../../../domain/credentials/oauth.ts';
import { type ClientOptions, createClient, type ProviderClient, ProviderError } from '../client.ts';
import { challengeOf, discoverRequest, initializeRequest } from '../mcp.ts';

/** Deadline of a whole discovery: up to eight requests, while a user waits. */
const TIMEOUT_MS = 12_000;

const https = z.string().check(z.refine((text) => openAddress(text) !== undefined));
/** Protected resource metadata (RFC 9728, section 2). */
const resourceMetadata = z.object({
  resource: https,
  authorization_servers: z.array(https).check(z.minLength(1)),
  scopes_supported: z.optional(z.array(z.string())),
});
/** Authorization server metadata (RFC 8414, section 2), and what OpenID Connect Discovery has in common with it. */
const serverMetadata = z.object({
  issuer: z.string(),
  authorization_endpoint: https,
  token_endpoint: https,
  scopes_supported: z.optional(z.array(z.string())),
  registration_endpoint: z.optional(https),
  code_challenge_methods_supported: z.optional(z.array(z.string())),
  token_endpoint_auth_methods_supported: z.optional(z.array(z.string())),
  client_id_metadata_document_supported: z.optional(z.boolean()),
  authorization_response_iss_parameter_supported: z.optional(z.boolean()),
});
/** Registered client (RFC 7591, section 3.2.1). */
const registeredClient = z.object({
  client_id: z.string().check(z.minLength(1), z.maxLength(2_000)),
  client_secret: z.optional(z.string().check(z.maxLength(4_000))),
  token_endpoint_auth_method: z.optional(z.string()),
});

type ServerMetadata = z.infer<typeof serverMetadata>;

const OFFLINE_ACCESS = 'offline_access';

/** Client authentication at the token endpoint, by its name in RFC 7591; those that a public client prefers first. */
const METHODS: Readonly<Record<string, string>> = {
  none: 'none',
  client_secret_basic: 'basic',
  client_secret_post: 'body',
};

/** A problem that a user can change, in words about the address that they entered. */
class Unsupported extends Error {}

export interface DiscoveryOptions extends ClientOptions {
  /** Milliseconds for a whole discovery; 12,000 when left out. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Creates the discovery of authorization servers that the Model Context Protocol describes:
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization. PKCE with S256 and a way to register are
 * required; every address passes the guard of the client.
 */
export function createDiscovery({
  timeoutMs = TIMEOUT_MS,
  ...options
}: DiscoveryOptions = {}): AuthorizationServerDiscovery {
  const client = createClient(options);
  return {
    async discover(resource, addressesOf) {
      const call: Call = { client, signal: AbortSignal.timeout(timeoutMs) };
      try {
        return await discover(resource, addressesOf, call);
      } catch (error) {
        if (error instanceof Unsupported) return { outcome: 'unsupported', message: error.message };
        if (!(error instanceof ProviderError)) throw error;
        if (error.reason !== 'blocked_address') return { outcome: 'unavailable' };
        return { outcome: 'unsupported', message: 'leads to an address that is not allowed' };
      }
    },
  };
}

interface Call {
  readonly client: ProviderClient;
  readonly signal: AbortSignal;
}

async function discover(
  entered: string,
  addressesOf: (issuer: string) => ClientAddresses,
  call: Call,
): Promise<Discovery> {
  const address = openAddress(entered);
  if (address === undefined) throw new Unsupported('must be an https address at the standard port');
  const challenge = await readChallenge(address, call);
  const { resource, authorization_servers, scopes_supported } = await readResource(address, challenge, call);
  const [issuer = ''] = authorization_servers;
  const server = await readServer(issuer, call);
  if (!server.code_challenge_methods_supported?.includes('S256')) {
    throw new Unsupported('has an authorization server without PKCE (S256)');
  }
  const client = await obtainClient(server, addressesOf(issuer), call);
  const scopes = withOfflineAccess(challenge.scope ?? scopes_supported?.join(' ') ?? '', server);
  return {
    outcome: 'ok',
    issuer,
    isIssuerSent: server.authorization_response_iss_parameter_supported === true,
    values: {
      authorizeUrl: server.authorization_endpoint,
      tokenUrl: server.token_endpoint,
      scopes,
      resource,
      ...client,
    },
  };
}

/**
 * Adds the scope that some authorization servers issue refresh tokens for:
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#refresh-tokens. A request without scopes is
 * for the server's default ones, and stays so.
 */
function withOfflineAccess(scopes: string, { scopes_supported: supported = [] }: ServerMetadata): string {
  const isAdded = supported.includes(OFFLINE_ACCESS) && scopes !== '' && !/\boffline_access\b/.test(scopes);
  return isAdded ? `${scopes} ${OFFLINE_ACCESS}` : scopes;
}

/**
 * Sends a request without a token, and reads what the refusal says about the metadata and the scopes. Some servers look at the
 * revision first, and refuse the request of one that they do not speak with another status.
 */
async function readChallenge(address: string, { client, signal }: Call) {
  for (const build of [discoverRequest, initializeRequest]) {
    const response = await client(build(new URL(address)), signal);
    if (response.status === 200) throw new Unsupported('needs no authorization');
    if (response.status === 401) return challengeOf(response.headers['www-authenticate'] ?? '');
  }
  return {};
}

async function readResource(
  address: string,
  { resource_metadata: named }: Readonly<Record<string, string | undefined>>,
  call: Call,
) {
  const { origin, pathname } = new URL(address);
  const wellKnown = `${origin}/.well-known/oauth-protected-resource`;
  const path = pathname.replace(/\/$/, '');
  const addresses = named === undefined ? [...new Set([`${wellKnown}${path}`, wellKnown])] : [named];
  for (const candidate of addresses) {
    const metadata = resourceMetadata.safeParse(await readJson(candidate, call));
    if (metadata.success && covers(metadata.data.resource, address)) return metadata.data;
  }
  throw new Unsupported('has no protected resource metadata (RFC 9728)');
}

/** Returns true for the address itself, or one above it: another resource's metadata must not apply (RFC 9728, section 3.3). */
function covers(resource: string, address: string): boolean {
  const [outer, inner] = [new URL(resource), new URL(address)];
  const path = outer.pathname.replace(/\/$/, '');
  return outer.origin === inner.origin && `${inner.pathname}/`.startsWith(`${path}/`);
}

async function readServer(issuer: string, call: Call): Promise<ServerMetadata> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const addresses = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    ...(path === '' ? [] : [`${origin}${path}/.well-known/openid-configuration`]),
  ];
  for (const address of addresses) {
    const metadata = serverMetadata.safeParse(await readJson(address, call));
    // Metadata of another issuer must not be used (RFC 8414, section 3.3).
    if (metadata.success && metadata.data.issuer === issuer) return metadata.data;
  }
  throw new Unsupported('has an authorization server without metadata (RFC 8414)');
}

/** Reads JSON; undefined for any response that is not 200 with JSON. */
async function readJson(address: string, { client, signal }: Call): Promise<unknown> {
  const url = openAddress(address);
  if (url === undefined) throw new ProviderError('blocked_address');
  const headers = { accept: 'application/json' };
  const response = parseResponse(await client({ method: 'GET', url: new URL(url), headers }, signal));
  return response.status === 200 ? response.json : undefined;
}

/** Returns the client: by the document that the platform serves, where the server reads it, else one that is registered. */
async function obtainClient(
  server: ServerMetadata,
  { redirectUri, metadataUrl }: ClientAddresses,
  call: Call,
): Promise<Readonly<Record<string, string>>> {
  if (server.client_id_metadata_document_supported && metadataUrl.startsWith('https:')) {
    return { clientId: metadataUrl, clientAuthentication: 'none' };
  }
  const { registration_endpoint: endpoint } = server;
  if (endpoint === undefined) throw new Unsupported('has an authorization server that registers no clients');
  const supported = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  const method = Object.keys(METHODS).find((name) => supported.includes(name));
  if (method === undefined)
    throw new Unsupported('has an authorization server with another client authentication');
  const registered = registeredClient.safeParse(await register(endpoint, redirectUri, method, call));
  if (!registered.success)
    throw new Unsupported('has an authorization server that refused to register a client');
  const { client_id: clientId, client_secret, token_endpoint_auth_method = method } = registered.data;
  const clientAuthentication = METHODS[token_endpoint_auth_method];
  if (clientAuthentication === undefined)
    throw new Unsupported('has an authorization server with another client authentication');
  return {
    clientId,
    clientAuthentication,
    ...(client_secret !== undefined && { clientSecret: client_secret }),
  };
}

async function register(
  endpoint: string,
  redirectUri: string,
  method: string,
  { client, signal }: Call,
): Promise<unknown> {
  const body = JSON.stringify({
    client_name: 'Connections',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: method,
    application_type: 'web',
  });
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  const response = parseResponse(
    await client({ method: 'POST', url: new URL(endpoint), headers, body }, signal),
  );
  if (response.status >= 500 || response.status === 429) throw new ProviderError('server_error');
  return response.status === 201 || response.status === 200 ? response.json : undefined;
}
