import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { close, listen } from '../../../local/loopback.ts';
import {
  checkedLookup,
  createClient,
  ProviderError,
  type ProviderRequest,
  type Resolver,
} from '../../../shared/adapters/providers/client.ts';

const CANARY = 'canary-credential';
const request: ProviderRequest = {
  method: 'POST',
  url: new URL(`https://api.example.com/me/${CANARY}?key=${CANARY}`),
  headers: { authorization: `Bearer ${CANARY}` },
  body: CANARY,
};

let server: Server;
let url: string;
let respond: (response: ServerResponse) => void;
const received: string[] = [];

beforeAll(async () => {
  server = createServer((incoming, response) => {
    received.push(incoming.url ?? '');
    respond(response);
  });
  ({ url } = await listen(server));
});
afterEach(() => received.splice(0));
afterAll(() => close(server));

async function failureReason(
  options: Parameters<typeof createClient>[0],
  signal = AbortSignal.timeout(2_000),
  sent = request,
) {
  const error = await createClient(options)(sent, signal).catch((reason: unknown) => reason);
  if (!(error instanceof ProviderError)) throw new Error('the request did not fail');
  expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error) + error.stack).not.toContain(
    CANARY,
  );
  return error.reason;
}

const resolvesTo =
  (...addresses: string[]): Resolver =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('the client of providers', () => {
  it('sends everything to the endpoint that is set, with host and path', async () => {
    respond = (response) => response.writeHead(201, { 'X-Sent': 'yes' }).end('{}');
    const response = await createClient({ endpointUrl: `${url}/` })(request, AbortSignal.timeout(2_000));
    expect(response).toMatchObject({ status: 201, body: '{}', headers: { 'x-sent': 'yes' } });
    expect(received).toEqual([`/api.example.com/me/${CANARY}?key=${CANARY}`]);
  });

  it('follows no redirect', async () => {
    respond = (response) => response.writeHead(302, { location: `${url}/elsewhere` }).end();
    const response = await createClient({ endpointUrl: url })(request, AbortSignal.timeout(2_000));
    expect(response.status).toBe(302);
    expect(received).toHaveLength(1);
  });

  it('reads no more than 256 KB', async () => {
    respond = (response) => response.end(Buffer.alloc(256 * 1024, 'x'));
    const response = await createClient({ endpointUrl: url })(request, AbortSignal.timeout(2_000));
    expect(response.body).toHaveLength(256 * 1024);
    respond = (response) => response.end(Buffer.alloc(256 * 1024 + 1, 'x'));
    expect(await failureReason({ endpointUrl: url })).toBe('unexpected_response');
  });

  it('waits for no response, and no body, longer than its signal', async () => {
    respond = () => undefined;
    expect(await failureReason({ endpointUrl: url }, AbortSignal.timeout(40))).toBe('timeout');
    respond = (response) => response.write('{');
    expect(await failureReason({ endpointUrl: url }, AbortSignal.timeout(40))).toBe('timeout');
  });

  it('waits for no resolver longer than its signal', async () => {
    const never: Resolver = () => new Promise(() => undefined);
    expect(await failureReason({ resolve: never }, AbortSignal.timeout(20))).toBe('timeout');
  });

  it('distinguishes a broken connection, broken TLS and a missing name', async () => {
    respond = (response) => response.destroy();
    expect(await failureReason({ endpointUrl: url })).toBe('network');
    expect(await failureReason({ endpointUrl: url.replace('http:', 'https:') })).toBe('tls');
    const missing: Resolver = () => Promise.reject(Object.assign(new Error(CANARY), { code: 'ENOTFOUND' }));
    expect(await failureReason({ resolve: missing })).toBe('host_not_found');
    expect(await failureReason({ resolve: resolvesTo() })).toBe('host_not_found');
    const failing: Resolver = () => Promise.reject(Object.assign(new Error(CANARY), { code: 'EAI_AGAIN' }));
    expect(await failureReason({ resolve: failing })).toBe('dns');
  });

  it.each([
    ['loopback', ['127.0.0.1']],
    ["the cloud's metadata", ['169.254.169.254']],
    ['a mapped private one', ['::ffff:10.0.0.1']],
    ['one private among public ones', ['1.1.1.1', '10.0.0.1']],
  ])('makes no connection to %s', async (_name, addresses) => {
    expect(await failureReason({ resolve: resolvesTo(...addresses) })).toBe('blocked_address');
  });

  it.each([
    'http://api.example.com/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://2130706433/',
    'https://localhost/',
  ])('makes no connection to %s', async (address) => {
    const resolve: Resolver = () => Promise.reject(new Error('called'));
    const sent = { ...request, url: new URL(address) };
    expect(await failureReason({ resolve }, AbortSignal.timeout(2_000), sent)).toBe('blocked_address');
  });

  it('connects to the addresses that it checked, whatever the name resolves to later', async () => {
    const addresses = [
      { address: '1.1.1.1', family: 4 },
      { address: '2606:4700::1111', family: 6 },
    ];
    const resolved: string[] = [];
    const lookup = checkedLookup(async (host) => {
      resolved.push(host);
      return addresses;
    });
    const lookUp = (all: boolean) =>
      new Promise((fulfil) =>
        lookup('api.example.com', { all }, (error, ...found) => fulfil([error, ...found])),
      );
    expect(await lookUp(true)).toEqual([null, addresses]);
    expect(await lookUp(false)).toEqual([null, '1.1.1.1', 4]);
    expect(resolved).toEqual(['api.example.com', 'api.example.com']);
  });

  describe('of probes', () => {
    const connections = new Set<Socket>();
    beforeAll(() => server.on('connection', (socket) => connections.add(socket)));
    beforeEach(() => connections.clear());

    it('sends requests to one host on one connection', async () => {
      respond = (response) => response.end('{}');
      const client = createClient({ endpointUrl: url, reusesConnections: true });
      for (const _ of [1, 2, 3]) await client(request, AbortSignal.timeout(2_000));
      expect(received).toHaveLength(3);
      expect(connections.size).toBe(1);
    });

    it('sends a request again that met a connection which the provider closed', async () => {
      const client = createClient({ endpointUrl: url, reusesConnections: true });
      respond = (response) => response.end('{}');
      await client(request, AbortSignal.timeout(2_000));
      respond = (response) => {
        respond = (next) => next.end('{"again":true}');
        response.destroy();
      };
      expect(await client(request, AbortSignal.timeout(2_000))).toMatchObject({ body: '{"again":true}' });
      expect(received).toHaveLength(3);
      expect(connections.size).toBe(2);
    });

    it('sends no request twice on new connections', async () => {
      respond = (response) => response.destroy();
      expect(await failureReason({ endpointUrl: url, reusesConnections: true })).toBe('network');
      expect(received).toHaveLength(1);
    });
  });

  it('otherwise opens a connection for each request', async () => {
    const connections: Socket[] = [];
    server.on('connection', (socket) => connections.push(socket));
    respond = (response) => response.end('{}');
    const client = createClient({ endpointUrl: url });
    for (const _ of [1, 2]) await client(request, AbortSignal.timeout(2_000));
    expect(connections).toHaveLength(2);
  });
});
