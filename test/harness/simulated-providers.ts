import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { close, listen } from '../../local/loopback.ts';
import type { FaultMode } from '../../local/sandbox/faults.ts';
import { matchEndpoint } from '../../local/sandbox/oauth/endpoints.ts';
import { type Grant, recordOf } from '../../local/sandbox/oauth/grants.ts';
import { respondAsAuthorizationServer } from '../../local/sandbox/oauth/respond.ts';
import type { TokenSettings } from '../../local/sandbox/oauth/settings.ts';
import type { SandboxRequest } from '../../local/sandbox/request.ts';
import { openSandboxState, respondAsProvider, type SandboxState } from '../../local/sandbox/respond.ts';
import { sampleCredentials } from '../../local/sandbox/samples.ts';
import type { ProviderResponse } from '../../shared/catalog/responses.ts';
import { Credentials } from '../../shared/domain/credentials/credentials.ts';
import type { FaultInjector } from './fault-injector.ts';

interface Client {
  readonly injector: FaultInjector;
  readonly providers: SimulatedProviders;
}

/**
 * One HTTP server for the providers of all deployments of a test, behind which the sandbox responds. Each process
 * calls it under a path of its own, so that faults hit the requests of that process alone.
 */
export class ProviderServer {
  readonly #server: Server;
  readonly #clients = new Map<string, Client>();
  readonly #url: string;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.#url = url;
    server.on('request', (request, response) => void this.#respond(request, response));
  }

  static async start(): Promise<ProviderServer> {
    const server = createServer();
    const { url } = await listen(server);
    return new ProviderServer(server, url);
  }

  /** Registers a process, and returns the URL of its requests to providers. */
  register(client: Client): string {
    const name = randomUUID();
    this.#clients.set(name, client);
    return `${this.#url}/${name}`;
  }

  close(): Promise<void> {
    return close(this.#server);
  }

  async #respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { client, request } = this.#read(incoming);
    const body = await text(incoming);
    const response = await respondTo(client, request, body).catch(() => null);
    if (response) outgoing.writeHead(response.status, response.headers).end(response.body);
    else outgoing.destroy();
  }

  #read(incoming: IncomingMessage): { client: Client | undefined; request: SandboxRequest } {
    const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
    const [, name = '', host = '', ...path] = url.pathname.split('/');
    const headers = Object.entries(incoming.headers).map(([key, value]) => [key, String(value ?? '')]);
    const request = {
      method: incoming.method ?? 'GET',
      host,
      path: `/${path.join('/')}`,
      query: url.searchParams,
      headers: Object.fromEntries(headers),
    };
    return { client: this.#clients.get(name), request };
  }
}

/** Returns the provider's response; null when the connection is dropped or the process crashed. */
async function respondTo(
  client: Client | undefined,
  request: SandboxRequest,
  body: string,
): Promise<ProviderResponse | null> {
  if (!client) return null;
  const { injector, providers } = client;
  return injector.interceptRequest(providers.commandOf(request), () => providers.respond(request, body));
}

/** The tokens among stored credentials. */
interface TokenFields {
  readonly refreshToken?: string | undefined;
}

/** The providers of one deployment. Credentials and their accounts are identified by a name. */
export class SimulatedProviders {
  readonly #sandbox: SandboxState;
  readonly #ids = new Map<string, string>();
  readonly #names = new Map<string, string>();
  readonly #verified = new Set<string>();

  constructor() {
    this.#sandbox = openSandboxState({
      onAuthenticated: ({ id }) => this.#verified.add(this.#names.get(id) ?? ''),
    });
  }

  async respond(request: SandboxRequest, body = ''): Promise<ProviderResponse | null> {
    const response =
      (await respondAsAuthorizationServer(request, body, this.#sandbox.oauth)) ??
      (await respondAsProvider(request, this.#sandbox));
    return response ?? null;
  }

  /** Names a request as the injector counts it: by its OAuth 2.0 endpoint, or as a verification. */
  commandOf(request: SandboxRequest): string {
    return matchEndpoint(request, this.#sandbox.oauth.providers)?.kind ?? 'verify';
  }

  /** Makes a provider accept the credentials of a name from now on. */
  accept(providerId: string, name: string, { isVerified = false } = {}): void {
    if (isVerified) this.#verified.add(`${providerId} ${name}`);
    const fields = sampleCredentials(providerId, name);
    const accepted = { provider: providerId, fields, account: accountOf(name), expiresAt: null, scopes: [] };
    const [id = ''] = this.#sandbox.credentials.issue([accepted]);
    this.#ids.set(`${providerId} ${name}`, id);
    this.#names.set(id, `${providerId} ${name}`);
  }

  /** Makes a provider reject the credentials of a name as revoked. */
  revoke(providerId: string, name: string): void {
    this.#sandbox.credentials.revoke(this.#ids.get(`${providerId} ${name}`) ?? '');
  }

  /** Sets how a provider misbehaves from now on. */
  setFault(providerId: string, mode: FaultMode): void {
    this.#sandbox.faults.set(providerId, mode);
  }

  /** Sets rotation, grace and faults of a provider's token endpoint, in place of what its entry says. */
  setTokens(providerId: string, settings: TokenSettings): void {
    this.#sandbox.oauth.settings.set(providerId, settings);
  }

  /**
   * Consents to an authorization request as a user, whose account has their name.
   *
   * @param scopes granted ones; all that are requested by default.
   * @returns the query parameters of the redirect.
   */
  async consent(
    providerId: string,
    authorizationUrl: string,
    user: string,
    scopes?: string[],
  ): Promise<Readonly<Record<string, string>>> {
    const { host, pathname: path, searchParams: query } = new URL(authorizationUrl);
    const decision = { account: accountOf(user), ...(scopes && { scopes }) };
    this.#sandbox.oauth.consents.set(providerId, decision);
    const response = await this.respond({ method: 'GET', host, path, query, headers: {} });
    const { searchParams } = new URL(response?.headers.location ?? 'missing:');
    const id = this.#sandbox.oauth.grants.find(searchParams.get('code') ?? '')?.id;
    if (id === undefined) throw new Error(`${providerId} issued no code: ${response?.body}`);
    this.#names.set(id, `${providerId} ${user}`);
    return Object.fromEntries(searchParams);
  }

  /** Returns true if the token set belongs to a grant of this user that was used at the provider. */
  holdsGrantOf(providerId: string, user: string, { refreshToken = '' }: TokenFields): boolean {
    const grant = this.#sandbox.oauth.grants.find(refreshToken);
    return grant !== undefined && this.#names.get(grant.id) === `${providerId} ${user}`;
  }

  /** Returns true if the provider would refresh with the token now, and would not take it for a stolen one. */
  isCurrent({ refreshToken = '' }: TokenFields): boolean {
    const grant = this.#sandbox.oauth.grants.find(refreshToken);
    const token = grant && recordOf(grant.refreshTokens, refreshToken);
    return token?.replacedAt === null && grant?.revoked === false;
  }

  /** Returns true if the provider would refresh with the token now, also within the grace period of a replaced one. */
  accepts(providerId: string, tokens: TokenFields): boolean {
    const grant = this.#sandbox.oauth.grants.find(tokens.refreshToken ?? '');
    const token = grant && recordOf(grant.refreshTokens, tokens.refreshToken ?? '');
    if (!token || grant.revoked) return false;
    const entry = this.#sandbox.oauth.providers.find(({ id }) => id === providerId);
    const { graceSeconds = 0 } = entry?.oauth2.refresh ?? {};
    return token.replacedAt === null || Date.now() < token.replacedAt + graceSeconds * 1_000;
  }

  /** Returns true if the provider serves requests with the access token. */
  acceptsAccessToken(accessToken: string): boolean {
    return this.#sandbox.oauth.grants.find(accessToken)?.revoked === false;
  }

  /** Lists the grants that a user's codes were exchanged for. */
  grantsOf(providerId: string, user: string): readonly Grant[] {
    const isOfUser = ({ id }: Grant) => this.#names.get(id) === `${providerId} ${user}`;
    return this.#sandbox.oauth.grants.list(providerId).filter(isOfUser);
  }

  /** Lists the grants that work, of all users. */
  grantsInForce(providerId: string): readonly Grant[] {
    return this.#sandbox.oauth.grants.list(providerId).filter(({ revoked }) => !revoked);
  }

  /** Returns true if the tokens are of this grant. */
  isOfGrant({ id }: Grant, { refreshToken = '' }: TokenFields): boolean {
    return this.#sandbox.oauth.grants.find(refreshToken)?.id === id;
  }

  /** Ends the grants of a user, as the user does in the settings of their account. */
  revokeGrants(providerId: string, user: string): void {
    const ids = this.grantsOf(providerId, user).map(({ id }) => id);
    this.#sandbox.oauth.grants.revoke(({ id }) => ids.includes(id));
  }

  /** Returns true if the provider was asked about the credentials of a name and knew them. */
  isVerified(providerId: string, name: string): boolean {
    return this.#verified.has(`${providerId} ${name}`);
  }

  /** Returns the number of verifications that a provider received. Each begins with the same request. */
  verificationCount(providerId: string): number {
    const [first, ...others] = this.#sandbox.requests.list(providerId);
    return first ? 1 + others.filter(({ path }) => path === first.path).length : 0;
  }
}

/** Returns the account of a name's credentials: the part after the last hyphen, or `one` for a name without hyphen. */
export function accountOf(name: string): { readonly id: string; readonly label: string } {
  const account = name.includes('-') ? name.slice(name.lastIndexOf('-') + 1) : 'one';
  return { id: `account-${account}`, label: account };
}

/** Returns the credentials of a name. */
export function credentialsNamed(providerId: string, name: string): Credentials {
  return new Credentials(sampleCredentials(providerId, name));
}
