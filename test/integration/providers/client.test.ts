import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createClient,
  ProviderError,
  type ProviderRequest,
  pinnedLookup,
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
let answer: (response: ServerResponse) => void;
const seen: string[] = [];

beforeAll(async () => {
  server = createServer((incoming, response) => {
    seen.push(incoming.url ?? '');
    answer(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
});
afterEach(() => seen.splice(0));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function toProviderError(
  options: Parameters<typeof createClient>[0],
  signal = AbortSignal.timeout(2_000),
  made = request,
) {
  const fault = await createClient(options)(made, signal).catch((error: unknown) => error);
  if (!(fault instanceof ProviderError)) throw new Error('no fault');
  expect(inspect(fault, { depth: 9, showHidden: true }) + JSON.stringify(fault) + fault.stack).not.toContain(
    CANARY,
  );
  return fault.reason;
}

const resolvesTo =
  (...addresses: string[]): Resolver =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('the way out', () => {
  it('goes to the fixed endpoint where one is set, host and path kept', async () => {
    answer = (response) => response.writeHead(201, { 'X-Told': 'yes' }).end('{}');
    const told = await createClient({ endpointUrl: `${url}/` })(request, AbortSignal.timeout(2_000));
    expect(told).toMatchObject({ status: 201, body: '{}', headers: { 'x-told': 'yes' } });
    expect(seen).toEqual([`/api.example.com/me/${CANARY}?key=${CANARY}`]);
  });

  it('follows no redirect', async () => {
    answer = (response) => response.writeHead(302, { location: `${url}/elsewhere` }).end();
    const told = await createClient({ endpointUrl: url })(request, AbortSignal.timeout(2_000));
    expect(told.status).toBe(302);
    expect(seen).toHaveLength(1);
  });

  it('reads no more than 256 KB', async () => {
    answer = (response) => response.end(Buffer.alloc(256 * 1024, 'x'));
    const told = await createClient({ endpointUrl: url })(request, AbortSignal.timeout(2_000));
    expect(told.body).toHaveLength(256 * 1024);
    answer = (response) => response.end(Buffer.alloc(256 * 1024 + 1, 'x'));
    expect(await toProviderError({ endpointUrl: url })).toBe('unexpected_response');
  });

  it('waits for no answer, and no body, beyond its time', async () => {
    answer = () => undefined;
    expect(await toProviderError({ endpointUrl: url }, AbortSignal.timeout(40))).toBe('timeout');
    answer = (response) => response.write('{');
    expect(await toProviderError({ endpointUrl: url }, AbortSignal.timeout(40))).toBe('timeout');
  });

  it('waits for no resolver beyond its time', async () => {
    const never: Resolver = () => new Promise(() => undefined);
    expect(await toProviderError({ resolve: never }, AbortSignal.timeout(20))).toBe('timeout');
  });

  it('tells a broken connection, broken TLS and a missing name apart', async () => {
    answer = (response) => response.destroy();
    expect(await toProviderError({ endpointUrl: url })).toBe('network');
    expect(await toProviderError({ endpointUrl: url.replace('http:', 'https:') })).toBe('tls');
    const missing: Resolver = () => Promise.reject(Object.assign(new Error(CANARY), { code: 'ENOTFOUND' }));
    expect(await toProviderError({ resolve: missing })).toBe('host_not_found');
    expect(await toProviderError({ resolve: resolvesTo() })).toBe('host_not_found');
    const troubled: Resolver = () => Promise.reject(Object.assign(new Error(CANARY), { code: 'EAI_AGAIN' }));
    expect(await toProviderError({ resolve: troubled })).toBe('dns');
  });

  it.each([
    ['loopback', ['127.0.0.1']],
    ["the cloud's metadata", ['169.254.169.254']],
    ['a mapped private one', ['::ffff:10.0.0.1']],
    ['one private among public ones', ['1.1.1.1', '10.0.0.1']],
  ])('makes no connection to %s', async (_name, addresses) => {
    expect(await toProviderError({ resolve: resolvesTo(...addresses) })).toBe('blocked_address');
  });

  it.each([
    'http://api.example.com/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://2130706433/',
    'https://localhost/',
  ])('makes no connection to %s', async (address) => {
    const resolve: Resolver = () => Promise.reject(new Error('asked'));
    const made = { ...request, url: new URL(address) };
    expect(await toProviderError({ resolve }, AbortSignal.timeout(2_000), made)).toBe('blocked_address');
  });

  it('connects to what it checked, whatever the name points to later', async () => {
    const addresses = [
      { address: '1.1.1.1', family: 4 },
      { address: '2606:4700::1111', family: 6 },
    ];
    const pinned = await pinnedLookup('api.example.com', async () => addresses, AbortSignal.timeout(2_000));
    const ask = (all: boolean) =>
      new Promise((fulfil) =>
        pinned('elsewhere.example', { all }, (error, ...told) => fulfil([error, ...told])),
      );
    expect(await ask(true)).toEqual([null, addresses]);
    expect(await ask(false)).toEqual([null, '1.1.1.1', 4]);
  });
});
