import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { close, listen } from '../loopback.ts';
import { control } from './control.ts';
import { respondAsAuthorizationServer } from './oauth/respond.ts';
import type { SandboxRequest } from './request.ts';
import {
  jsonResponse,
  openSandboxState,
  respondAsProvider,
  type SandboxState,
  type SandboxStateOptions,
} from './respond.ts';

export interface SandboxOptions extends SandboxStateOptions {
  /** A free one when left out. */
  readonly port?: number;
  /** Makes the server speak HTTPS alone. */
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer };
  /** Receives the server before it accepts connections. */
  readonly onServer?: (server: Server) => void;
}

export interface Sandbox {
  readonly url: string;
  /** Closes every connection, also those that a `hang` keeps open. */
  close(): Promise<void>;
}

/**
 * Starts one server on 127.0.0.1 that stands in for every provider of the catalog, at `{url}/{host}/{path}`,
 * with its controls below `{url}/_control`.
 *
 * @throws as `openSandboxState`.
 */
export async function startSandbox({
  port = 0,
  tls,
  onServer,
  ...options
}: SandboxOptions): Promise<Sandbox> {
  const state = openSandboxState(options);
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    respond(incoming, outgoing, state).catch((error: unknown) => outgoing.destroy(asError(error)));
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  onServer?.(server);
  const { url } = await listen(server, port);
  return {
    url: tls ? url.replace('http:', 'https:') : url,
    async close() {
      await close(server);
      state.credentials.close();
    },
  };
}

async function respond(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  state: SandboxState,
): Promise<void> {
  const request = toRequest(incoming);
  const body = await text(incoming);
  const response =
    request.host === '_control'
      ? (control(request, body, state) ?? jsonResponse(404, { error: 'no such control' }))
      : ((await respondAsAuthorizationServer(request, body, state.oauth)) ??
        (await respondAsProvider(request, state)));
  if (response !== undefined) outgoing.writeHead(response.status, response.headers).end(response.body);
}

/** Splits `/{host}/{path}`; below `/_control` the path keeps its first part. */
function toRequest(incoming: IncomingMessage): SandboxRequest {
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  const [, host = '', ...path] = url.pathname.split('/');
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value ?? '')]);
  return {
    method: incoming.method ?? 'GET',
    host,
    path: host === '_control' ? url.pathname : `/${path.join('/')}`,
    query: url.searchParams,
    headers: Object.fromEntries(headers),
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
