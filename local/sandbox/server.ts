import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AcceptedCredentials } from './accepted.ts';
import { control } from './control.ts';
import { ReceivedRequests } from './requests.ts';
import { json, type ServiceAnswer, type ServiceRequest } from './service.ts';
import { answerAsThirdParty, type SandboxState } from './third-parties.ts';

export interface SandboxOptions {
  /** Where the accepted credentials (their digests) are kept; made when it is not there. */
  readonly dataFile: string;
  /** A free one when left out. */
  readonly port?: number;
  readonly onKnown?: SandboxState['onKnown'];
}

export interface Sandbox {
  readonly url: string;
  /** Ends every connection, also those that a `hang` keeps open. */
  close(): Promise<void>;
}

/**
 * One server on 127.0.0.1 that stands in for every third party of the catalogue, at
 * `{url}/{host}/{path}`, ruled through `{url}/_control`.
 */
export async function startSandbox({ dataFile, port = 0, onKnown }: SandboxOptions): Promise<Sandbox> {
  const state: SandboxState = {
    accepted: new AcceptedCredentials(dataFile),
    faults: new Map(),
    received: new ReceivedRequests(),
    onKnown,
  };
  const server = createServer((incoming, outgoing) => {
    respond(incoming, outgoing, state).catch((error: unknown) => outgoing.destroy(asError(error)));
  });
  await new Promise<void>((fulfil, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', fulfil);
  });
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    close: () =>
      new Promise((fulfil, reject) => {
        server.close((error) => (error ? reject(error) : fulfil()));
        server.closeAllConnections();
      }),
  };
}

async function respond(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  state: SandboxState,
): Promise<void> {
  const request = await readRequest(incoming);
  const answer =
    request.host === '_control'
      ? (control(request, state) ?? json(404, { error: 'no such control' }))
      : await answerAsThirdParty(request, state);
  if (answer !== undefined) write(outgoing, answer);
}

/** `/{host}/{path}` taken apart; below `/_control` the path keeps its first part. */
async function readRequest(incoming: IncomingMessage): Promise<ServiceRequest> {
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  const [, host = '', ...path] = url.pathname.split('/');
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value ?? '')]);
  return {
    method: incoming.method ?? 'GET',
    host,
    path: host === '_control' ? url.pathname : `/${path.join('/')}`,
    query: url.searchParams,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function write(outgoing: ServerResponse, { status, headers, body }: ServiceAnswer): void {
  outgoing.writeHead(status, headers).end(body);
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the sandbox listens on no port');
  return address.port;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
