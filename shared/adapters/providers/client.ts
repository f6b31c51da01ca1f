import { lookup } from 'node:dns/promises';
import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { jsonRpcIn, type ProviderResponse } from '../../catalog/responses.ts';
import type { UnavailableCause } from '../../domain/credentials/verification.ts';
import { isAddressLiteral, isPublicAddress } from './address.ts';

/** More than the largest documented response to any probe. */
const MAX_RESPONSE_BYTES = 256 * 1024;

/** HTTP request to a provider; `url` is always `https:`. */
export interface ProviderRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends one request and never follows a redirect. */
export type ProviderClient = (request: ProviderRequest, signal: AbortSignal) => Promise<ProviderResponse>;

/** IP address of a host. */
interface HostAddress {
  readonly address: string;
  /** 4 or 6. */
  readonly family: number;
}

/** Resolves a host to all of its addresses. */
export type Resolver = (host: string) => Promise<readonly HostAddress[]>;

export interface ClientOptions {
  /** Sends everything to `{endpointUrl}/{host}/{path}` instead, like the SDK's `AWS_ENDPOINT_URL`. */
  readonly endpointUrl?: string | undefined;
  /** Replaces the system's resolver. */
  readonly resolve?: Resolver | undefined;
  /**
   * True: requests to one host use the same connections, and one that meets a connection that the provider closed is
   * sent again. Only for requests that may be repeated. False unless given: each has a connection of its own.
   */
  readonly reusesConnections?: boolean | undefined;
}

/**
 * Failure to get a response from a provider. It carries the cause alone: the request and the network's own
 * error may hold an address, a query or a header with credentials, so both are dropped.
 */
export class ProviderError extends Error {
  readonly reason: UnavailableCause;

  constructor(reason: UnavailableCause) {
    super(`provider unavailable: ${reason}`);
    this.name = 'ProviderError';
    this.reason = reason;
  }
}

const systemResolver: Resolver = (host) => lookup(host, { all: true, verbatim: true });

/** Milliseconds that a connection waits for its next request: servers close one after a minute or more. */
const IDLE_MS = 30_000;

/**
 * Creates the only client for providers: HTTPS at port 443 of public addresses, at most 256 KB of body, which is not
 * decompressed, everything under the caller's signal.
 *
 * @returns a client that throws ProviderError only.
 */
export function createClient(options: ClientOptions = {}): ProviderClient {
  const { endpointUrl, resolve = systemResolver, reusesConnections = false } = options;
  const agents = reusesConnections
    ? { 'http:': new HttpAgent(KEEP_ALIVE), 'https:': new HttpsAgent(KEEP_ALIVE) }
    : undefined;
  return async (request, signal) => {
    try {
      if (!isAllowed(request.url)) throw new ProviderError('blocked_address');
      if (endpointUrl === undefined && isAddressLiteral(request.url.hostname))
        throw new ProviderError('blocked_address');
      const url = endpointUrl === undefined ? request.url : redirectTo(endpointUrl, request.url);
      const onNewConnection: RequestOptions = {
        method: request.method,
        headers: { ...request.headers, ...lengthOf(request), 'accept-encoding': 'identity' },
        agent: false,
        signal,
        ...(endpointUrl === undefined && { lookup: checkedLookup(resolve) }),
      };
      if (!agents) return await send(url, onNewConnection, request.body);
      const agent = url.protocol === 'https:' ? agents['https:'] : agents['http:'];
      try {
        return await send(url, { ...onNewConnection, agent }, request.body);
      } catch (error) {
        if (error !== CLOSED) throw error;
        return await send(url, onNewConnection, request.body);
      }
    } catch (error) {
      throw toProviderError(error, signal);
    }
  };
}

/** Only HTTPS at its own port: another one may be an internal service's, on a host that is public. */
function isAllowed({ protocol, port, username, password }: URL): boolean {
  return protocol === 'https:' && port === '' && username === '' && password === '';
}

const KEEP_ALIVE = { keepAlive: true, timeout: IDLE_MS };

/**
 * A connection that had been used before was closed without a response, most often because the provider closed it while
 * it was idle. Whether the provider read the request is unknown (RFC 9112, section 9.3.1).
 */
const CLOSED = new Error('The connection was closed.');

/** Node sends the body of a DELETE only where its length is known. */
function lengthOf({ body }: ProviderRequest): Readonly<Record<string, string>> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

function redirectTo(endpointUrl: string, url: URL): URL {
  return new URL(`${endpointUrl.replace(/\/$/, '')}/${url.host}${url.pathname}${url.search}`);
}

/**
 * Returns a `lookup` that gives each new connection the addresses that it checked: the connection goes to one of them,
 * even if the name resolves to another one a moment later (DNS rebinding). It fails with a ProviderError:
 * `blocked_address` where one of the addresses is not public, `host_not_found` where there is none.
 */
export function checkedLookup(resolve: Resolver): LookupFunction {
  return (host, options, callback) => {
    publicAddresses(host, resolve).then(
      ([first, ...others]) => {
        if (options.all) callback(null, [first, ...others]);
        else callback(null, first.address, first.family);
      },
      (error) => callback(error, ''),
    );
  };
}

async function publicAddresses(host: string, resolve: Resolver): Promise<[HostAddress, ...HostAddress[]]> {
  const [first, ...others] = await resolve(host);
  if (first === undefined) throw new ProviderError('host_not_found');
  const addresses: [HostAddress, ...HostAddress[]] = [first, ...others];
  if (!addresses.every(({ address }) => isPublicAddress(address))) throw new ProviderError('blocked_address');
  return addresses;
}

function send(url: URL, options: RequestOptions, body: string | undefined): Promise<ProviderResponse> {
  return new Promise((fulfil, reject) => {
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = open(url, options, (incoming) => {
      readResponse(incoming).then(fulfil, reject);
    });
    outgoing.on('error', (error) => {
      const isReset = 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(outgoing.reusedSocket && isReset ? CLOSED : error);
    });
    outgoing.end(body);
  });
}

async function readResponse(incoming: IncomingMessage): Promise<ProviderResponse> {
  const chunks: Buffer[] = [];
  let size = 0;
  const isStream = incoming.headers['content-type']?.startsWith('text/event-stream');
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_RESPONSE_BYTES) {
      incoming.destroy();
      throw new ProviderError('unexpected_response');
    }
    chunks.push(bytes);
    // A stream of events may stay open after its response.
    if (isStream && jsonRpcIn(Buffer.concat(chunks).toString('utf8')) !== undefined) break;
  }
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value ?? '')]);
  return {
    status: incoming.statusCode ?? 0,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function toProviderError(error: unknown, signal: AbortSignal): ProviderError {
  if (error instanceof ProviderError) return error;
  if (signal.aborted) return new ProviderError('timeout');
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^(ENOTFOUND|ENODATA)/.test(code)) return new ProviderError('host_not_found');
  if (/^(EAI_|ESERVFAIL|EREFUSED)/.test(code)) return new ProviderError('dns');
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/.test(code)) {
    return new ProviderError('tls');
  }
  return new ProviderError('network');
}
