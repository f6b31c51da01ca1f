import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { ProviderResponse } from '../../catalog/responses.ts';
import type { UnavailableCause } from '../../domain/credentials/verification.ts';
import { isAddressLiteral, isPublicAddress } from './address.ts';

/** More than the largest documented response to any probe. */
const MAX_RESPONSE_BYTES = 256 * 1024;

/** HTTP request to a provider; `url` is always `https:`. */
export interface ProviderRequest {
  readonly method: 'GET' | 'POST';
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

/**
 * Creates the only client for providers: HTTPS at port 443 of public addresses, a connection for each request, at most
 * 256 KB of body, which is not decompressed, everything under the caller's signal.
 *
 * @returns a client that throws ProviderError only.
 */
export function createClient({ endpointUrl, resolve = systemResolver }: ClientOptions = {}): ProviderClient {
  return async (request, signal) => {
    try {
      if (!isAllowed(request.url)) throw new ProviderError('blocked_address');
      const options: RequestOptions = {
        method: request.method,
        headers: { ...request.headers, 'accept-encoding': 'identity' },
        agent: false,
        signal,
      };
      if (endpointUrl !== undefined) {
        return await send(redirectTo(endpointUrl, request.url), options, request.body);
      }
      const lookup = await pinnedLookup(request.url.hostname, resolve, signal);
      return await send(request.url, { ...options, lookup }, request.body);
    } catch (error) {
      throw toProviderError(error, signal);
    }
  };
}

/** Only HTTPS at its own port: another one may be an internal service's, on a host that is public. */
function isAllowed({ protocol, port, username, password }: URL): boolean {
  return protocol === 'https:' && port === '' && username === '' && password === '';
}

function redirectTo(endpointUrl: string, url: URL): URL {
  return new URL(`${endpointUrl.replace(/\/$/, '')}/${url.host}${url.pathname}${url.search}`);
}

/**
 * Resolves a public host once and returns a `lookup` that repeats those addresses: the connection goes to the
 * address that was checked, even if the name resolves to another one a moment later (DNS rebinding).
 *
 * @throws ProviderError `blocked_address` when the host is an address, or one of its addresses is not public;
 * `host_not_found` when it has none; `timeout` when the signal aborts.
 */
export async function pinnedLookup(
  host: string,
  resolve: Resolver,
  signal: AbortSignal,
): Promise<LookupFunction> {
  if (isAddressLiteral(host)) throw new ProviderError('blocked_address');
  const addresses = await untilAborted(resolve(host), signal);
  if (addresses.length === 0) throw new ProviderError('host_not_found');
  if (!addresses.every(({ address }) => isPublicAddress(address))) throw new ProviderError('blocked_address');
  const [first] = addresses;
  return (_host, options, callback) => {
    if (options.all) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}

/** Rejects when the signal aborts: `dns.lookup` takes no signal. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((fulfil, reject) => {
    const abort = () => reject(new ProviderError('timeout'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(fulfil, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function send(url: URL, options: RequestOptions, body: string | undefined): Promise<ProviderResponse> {
  return new Promise((fulfil, reject) => {
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = open(url, options, (incoming) => {
      readResponse(incoming).then(fulfil, reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function readResponse(incoming: IncomingMessage): Promise<ProviderResponse> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_RESPONSE_BYTES) {
      incoming.destroy();
      throw new ProviderError('unexpected_response');
    }
    chunks.push(bytes);
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
