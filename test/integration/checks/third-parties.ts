import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { AcceptedCredentials } from '../../../local/sandbox/accepted.ts';
import { ReceivedRequests } from '../../../local/sandbox/requests.ts';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import type { ServiceAnswer, ServiceRequest } from '../../../local/sandbox/service.ts';
import { answerAsThirdParty, type SandboxState } from '../../../local/sandbox/third-parties.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import type { FaultInjector } from '../../harness/fault-injector.ts';
import type { FaultMode } from '../../harness/sandbox.ts';

interface Line {
  readonly wire: FaultInjector;
  readonly state: SandboxState;
}

/**
 * One server that plays the third parties of all deployments of a test file. Each process calls it over a line of
 * its own, at a path of its own, so that faults befall its requests alone.
 */
export class ThirdParties {
  readonly #server: Server;
  readonly #lines = new Map<string, Line>();
  readonly #url: string;

  private constructor(server: Server) {
    this.#server = server;
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The third parties have no port.');
    this.#url = `http://127.0.0.1:${address.port}`;
    server.on('request', (request, response) => void this.#respond(request, response));
  }

  static async open(): Promise<ThirdParties> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ThirdParties(server);
  }

  /** A line for a process; where it sends its requests to third parties. */
  line(wire: FaultInjector, { state }: Providers): string {
    const name = randomUUID();
    this.#lines.set(name, { wire, state });
    return `${this.#url}/${name}`;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { line, request } = await this.#read(incoming);
    const answer = await answerOver(line, request).catch(() => null);
    if (answer) outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    else outgoing.destroy();
  }

  async #read(incoming: IncomingMessage): Promise<{ line: Line | undefined; request: ServiceRequest }> {
    const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
    const [, name = '', host = '', ...path] = url.pathname.split('/');
    const headers = Object.entries(incoming.headers).map(([key, value]) => [key, String(value ?? '')]);
    const request = {
      method: incoming.method ?? 'GET',
      host,
      path: `/${path.join('/')}`,
      query: url.searchParams,
      headers: Object.fromEntries(headers),
      body: await text(incoming),
    };
    return { line: this.#lines.get(name), request };
  }
}

/** What a third party answers; null where the line is cut, or its process died. */
async function answerOver(line: Line | undefined, request: ServiceRequest) {
  if (!line) return null;
  return line.wire.interceptRequest<ServiceAnswer | null>(
    async () => (await answerAsThirdParty(request, line.state)) ?? null,
  );
}

/** The third parties of one deployment. Credentials go by the name of who brings them, and so does their account. */
export class Providers {
  readonly state: SandboxState;
  readonly #ids = new Map<string, string>();

  constructor(directory: string) {
    const file = join(directory, `accepted-${randomUUID()}.json`);
    this.state = {
      accepted: new AcceptedCredentials(file),
      faults: new Map(),
      received: new ReceivedRequests(),
    };
  }

  /** Has a provider accept the credentials of a name, from now on or again. */
  accept(providerId: string, name: string): void {
    const fields = sampleCredentials(providerId, name);
    const about = { account: accountOf(name), expiresAt: null, scopes: [] };
    const [id = ''] = this.state.accepted.acceptAll([{ provider: providerId, fields, ...about }]);
    this.#ids.set(`${providerId} ${name}`, id);
  }

  /** Has a provider refuse the credentials of a name as revoked. */
  revoke(providerId: string, name: string): void {
    this.state.accepted.revoke(this.#ids.get(`${providerId} ${name}`) ?? '');
  }

  /** How a provider misbehaves from now on. */
  fault(providerId: string, mode: FaultMode): void {
    this.state.faults.set(providerId, mode);
  }

  /** How often a provider was asked whether credentials work. Each time the same request comes first. */
  asked(providerId: string): number {
    const [first, ...others] = this.state.received.list(providerId);
    return first ? 1 + others.filter(({ path }) => path === first.path).length : 0;
  }
}

/** The account that credentials belong to: what follows the last hyphen of their name, and the same for all else. */
export function accountOf(name: string): { readonly id: string; readonly label: string } {
  const account = name.includes('-') ? name.slice(name.lastIndexOf('-') + 1) : 'one';
  return { id: `account-${account}`, label: account };
}

/** Credentials that go by a name. */
export function credentialsNamed(providerId: string, name: string): Credentials {
  return new Credentials(sampleCredentials(providerId, name));
}
