import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ProviderError, toProviderError } from './error.ts';
import { pinnedLookup, type Resolver, systemResolver } from './resolve.ts';

/** More than the largest documented answer of any probe. */
const MAX_RESPONSE_BYTES = 256 * 1024;

/** A request to a third party; `url` is always `https:`. */
export interface ProviderRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What the third party answered; header names in lower case. */
export interface ProviderResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends one request and never follows a redirect. */
export type ProviderClient = (request: ProviderRequest, signal: AbortSignal) => Promise<ProviderResponse>;

export interface ClientOptions {
  /** Where to send everything instead, as `{endpointUrl}/{host}/{path}`, like the SDK's `AWS_ENDPOINT_URL`. */
  readonly endpointUrl?: string | undefined;
  /** Replaces the system's resolver. */
  readonly resolve?: Resolver | undefined;
}

/**
 * The one way out to third parties: HTTPS to public addresses only, each connection its own, at most 256 KB
 * read, everything under the caller's signal.
 *
 * The returned client throws ProviderFault only, which tells the cause and nothing of the request.
 */
export function createClient({ endpointUrl, resolve = systemResolver }: ClientOptions = {}): ProviderClient {
  return async (request, signal) => {
    try {
      if (request.url.protocol !== 'https:') throw new ProviderError('blocked_address');
      const options: RequestOptions = {
        method: request.method,
        headers: { ...request.headers, 'accept-encoding': 'identity' },
        agent: false,
        signal,
      };
      if (endpointUrl !== undefined)
        return await send(redirectTo(endpointUrl, request.url), options, request.body);
      const lookup = await pinnedLookup(request.url.hostname, resolve, signal);
      return await send(request.url, { ...options, lookup }, request.body);
    } catch (error) {
      throw toProviderError(error, signal);
    }
  };
}

function redirectTo(endpointUrl: string, url: URL): URL {
  return new URL(`${endpointUrl.replace(/\/$/, '')}/${url.host}${url.pathname}${url.search}`);
}

function send(url: URL, options: RequestOptions, body: string | undefined): Promise<ProviderResponse> {
  return new Promise((fulfil, reject) => {
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = open(url, options, (incoming) => {
      parseResponse(incoming).then(fulfil, reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function parseResponse(incoming: IncomingMessage): Promise<ProviderResponse> {
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
