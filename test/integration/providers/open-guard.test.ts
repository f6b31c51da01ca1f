import { EventEmitter } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { close, listen } from '../../../local/loopback.ts';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import type { Resolver } from '../../../shared/adapters/providers/client.ts';
import { createOAuthProvider } from '../../../shared/adapters/providers/oauth/provider.ts';
import { createVerifier } from '../../../shared/adapters/providers/verifier.ts';
import { builtInProviders } from '../../../shared/catalog/index.ts';
import { placeholders } from '../../../shared/catalog/templates.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';

/** The guard of calls to addresses that a user entered: no test here connects anywhere but to a server of its own. */

/** Addresses that a connection would have been opened to. */
const connections: unknown[] = [];
/** Resolves the host as Node does for a new connection, and connects to none of its addresses. */
vi.mock('node:https', async (load) => ({
  ...(await load<typeof import('node:https')>()),
  request: ({ hostname }: URL, { lookup }: RequestOptions) => {
    const outgoing = Object.assign(new EventEmitter(), {
      end: () =>
        lookup?.(hostname, { all: true }, (error, addresses) => {
          if (!error) connections.push(addresses);
          outgoing.emit('error', error ?? new Error('no connection in tests'));
        }),
    });
    return outgoing;
  },
}));

const entries = builtInProviders()
  .map(({ entry }) => entry)
  .filter(({ open }) => open)
  // The patterns of the fields are for forms: the guard stands without them.
  .map((entry) => {
    const fields = entry.auth.fields.map((field) => ({ ...field, pattern: '^[^]*$' }));
    return { ...entry, auth: { ...entry.auth, fields } };
  });

let server: Server;
let endpointUrl: string;
let respond: (response: ServerResponse, body: string) => void;
let requests = 0;
beforeAll(async () => {
  server = createServer((incoming, response) => {
    requests += 1;
    void text(incoming).then((body) => respond(response, body));
  });
  endpointUrl = (await listen(server)).url;
});
afterEach(() => {
  requests = 0;
  connections.splice(0);
});
afterAll(() => close(server));

const PUBLIC = '93.184.215.14';
const resolvesTo =
  (...addresses: string[]): Resolver =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

const resolve = vi.fn<Resolver>();
afterEach(() => resolve.mockReset());

type Options = Parameters<typeof createVerifier>[0];

/** Verifies made-up credentials of an entry with another address. */
function verify(entry: (typeof entries)[number], address: string, options: Options = { resolve }) {
  const [field = ''] = placeholders(entry.baseUrl);
  const values = { ...sampleCredentials(entry.id), accessToken: 'made-up', [field]: address };
  return createVerifier(options).verify(entry, new Credentials(values));
}

const blocked = { outcome: 'unavailable', cause: 'blocked_address', retryAfterSeconds: 60 };

const LITERALS = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f000001',
  '017700000001',
  '0x7f.0.0.1',
  '0177.0.0.01',
  '127.0.0.1.',
  '%31%32%37.0.0.1',
  '\uff11\uff12\uff17.0.0.1',
  '0.0.0.0',
  '0',
  '10.0.0.1',
  '167772161',
  '172.16.0.1',
  '192.168.0.1',
  '100.64.0.1',
  '169.254.169.254',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '8.8.8.8',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:169.254.169.254]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b::a9fe:a9fe]',
  '[2002:7f00:1::]',
  '[2001:0:7f00:1::]',
  '[fd00:ec2::254]',
  '[fe80::1]',
  '[2606:4700::1111]',
  'localhost',
  'localhost.',
  'metadata',
];

const RESOLVED = [
  '127.0.0.1',
  '10.1.2.3',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '169.254.169.254',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '198.18.0.1',
  '192.0.0.1',
  '::1',
  '::',
  '::ffff:169.254.169.254',
  '::127.0.0.1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::a9fe:a9fe',
  '2002:a9fe:a9fe::',
  '2001:0:a9fe:a9fe::',
  'fe80::1',
  'fd00:ec2::254',
  'ff02::1',
  '2001:db8::1',
];

const ADDRESSES = [
  'http://api.example.com',
  'ftp://api.example.com',
  'file:///etc/passwd',
  'https://api.example.com:8443',
  'https://api.example.com:22',
  'https://user:password@api.example.com',
  'https://api.example.com#@10.0.0.1',
  'https://api.example.com?@10.0.0.1',
];

describe.each(entries)('a call of $id', (entry) => {
  it.each(LITERALS)('is not made to the address %s', async (host) => {
    expect(await verify(entry, `https://${host}`)).toEqual(blocked);
    expect([connections, resolve.mock.calls]).toEqual([[], []]);
  });

  it.each(ADDRESSES)('is not made to %s', async (address) => {
    expect(await verify(entry, address)).toEqual(blocked);
    expect([connections, resolve.mock.calls]).toEqual([[], []]);
  });

  it.each(RESOLVED)(
    'is not made to a name that resolves to %s, alone or among public ones',
    async (address) => {
      for (const addresses of [[address], [PUBLIC, address], [address, PUBLIC]]) {
        resolve.mockImplementation(resolvesTo(...addresses));
        expect(await verify(entry, 'https://rebind.example.com')).toEqual(blocked);
      }
      expect(connections).toEqual([]);
    },
  );

  it('goes to the address that was checked, though the name resolves to another one by then', async () => {
    resolve.mockImplementationOnce(resolvesTo(PUBLIC)).mockImplementation(resolvesTo('169.254.169.254'));
    expect(await verify(entry, 'https://rebind.example.com')).toMatchObject({ cause: 'network' });
    expect(connections).toEqual([[{ address: PUBLIC, family: 4 }]]);
    expect(resolve).toHaveBeenCalledOnce();
    // The next call checks anew.
    expect(await verify(entry, 'https://rebind.example.com')).toEqual(blocked);
  });

  const call = (timeoutMs = 5_000) => verify(entry, 'https://api.example.com', { endpointUrl, timeoutMs });

  it.each([301, 302, 303, 307, 308])('does not follow a redirect with %i', async (status) => {
    respond = (response) => response.writeHead(status, { location: 'http://169.254.169.254/' }).end();
    expect(await call()).toMatchObject({ outcome: 'unavailable', cause: 'redirect' });
    expect(requests).toBe(1);
  });

  it('reads no more than its limit of a response, and of one without an end', async () => {
    respond = (response) => response.end(Buffer.alloc(256 * 1024 + 1));
    expect(await call()).toMatchObject({ outcome: 'unavailable', cause: 'unexpected_response' });
    const closed = new Promise((fulfil) => {
      respond = (response) => {
        response.on('close', fulfil);
        const write = () => response.destroyed || response.write(Buffer.alloc(64 * 1024), write);
        write();
      };
    });
    expect(await call()).toMatchObject({ outcome: 'unavailable', cause: 'unexpected_response' });
    await closed;
  });

  it('does not decompress a response', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    respond = (response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb.subarray(0, 60_000));
    const before = process.memoryUsage().arrayBuffers;
    // Of a body that is not as it says, an entry that reads it makes nothing.
    const isRead = entry.responseRules.some(({ body }) => body !== undefined);
    expect(await call()).toMatchObject({ outcome: isRead ? 'unavailable' : 'ok' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });

  it('waits for no slow response beyond its deadline', async () => {
    respond = (response) => {
      const timer = setInterval(() => response.write(' '), 5);
      response.on('close', () => clearInterval(timer));
    };
    expect(await call(60)).toMatchObject({ outcome: 'unavailable', cause: 'timeout' });
    respond = () => undefined;
    expect(await call(60)).toMatchObject({ outcome: 'unavailable', cause: 'timeout' });
  });
});

const withTokens = entries.filter(({ oauth2 }) => oauth2 !== undefined);

describe.each(withTokens)('a request for tokens of $id', (entry) => {
  /** Refreshes, or obtains a first token, at another token endpoint. */
  const renew = (tokenUrl: string, options: Options = { resolve }) => {
    const fields = {
      ...sampleCredentials(entry.id),
      clientId: 'made-up',
      authorizeUrl: 'https://auth.example.com/authorize',
      tokenUrl,
      resource: 'https://mcp.example.com/mcp',
      refreshToken: 'made-up',
    };
    const client = { clientId: 'made-up', clientSecret: 'made-up' };
    return createOAuthProvider(options).renew({ provider: entry, client, fields });
  };

  it.each([...LITERALS.map((host) => `https://${host}`), ...ADDRESSES])(
    'is not made to %s',
    async (address) => {
      expect((await renew(address)).outcome).toMatch(/^(misconfigured|unavailable)$/);
      expect([connections, resolve.mock.calls]).toEqual([[], []]);
    },
  );

  it.each(RESOLVED)('is not made to a name that resolves to %s', async (address) => {
    resolve.mockImplementation(resolvesTo(PUBLIC, address));
    expect(await renew('https://rebind.example.com/token')).toMatchObject({ outcome: 'unavailable' });
    expect(connections).toEqual([]);
  });

  it.each([301, 302, 307, 308])('follows no redirect with %i, with the secret in it', async (status) => {
    respond = (response) => response.writeHead(status, { location: 'http://169.254.169.254/' }).end();
    const result = await renew('https://auth.example.com/token', { endpointUrl });
    expect([result.outcome, requests]).toEqual(['unavailable', 1]);
  });

  it('reads no more than its limit, and waits no longer than its deadline', async () => {
    respond = (response) => response.end(Buffer.alloc(256 * 1024 + 1, ' '));
    expect(await renew('https://auth.example.com/token', { endpointUrl })).toMatchObject({
      outcome: 'unavailable',
    });
    respond = () => undefined;
    const options = { endpointUrl, timeoutMs: 60 };
    expect(await renew('https://auth.example.com/token', options)).toMatchObject({ outcome: 'unavailable' });
  });
});

it('a stream of events is read up to its response, and no further', async () => {
  const entry = entries.find(({ id }) => id === 'remote-mcp');
  if (entry === undefined) throw new Error('no remote-mcp');
  const result = { protocolVersion: '2025-11-25', serverInfo: { name: 'Tools' } };
  const events = [
    ': comment\r\n\r\n',
    'event: message\ndata: {"jsonrpc":"2.0","method":"notifications/message"}\n\n',
    `id: 1\nevent: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', id: 1, result })}\n\n`,
  ];
  const closed = new Promise((fulfil) => {
    respond = (response) => {
      response.on('close', fulfil);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const event of events) response.write(event);
    };
  });
  const verification = await verify(entry, 'https://api.example.com/mcp', { endpointUrl });
  expect(verification).toMatchObject({
    outcome: 'ok',
    account: { id: 'https://api.example.com/mcp', label: 'Tools (https://api.example.com/mcp)' },
  });
  await closed;
});

describe('an MCP server', () => {
  const entry = entries.find(({ id }) => id === 'remote-mcp');
  if (entry === undefined) throw new Error('no remote-mcp');
  const json = (response: ServerResponse, status: number, body: object) =>
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', id: 1, ...body }));
  const modern = { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: {} };
  const legacy = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'Tools' } };
  const notFound = { error: { code: -32601, message: 'Method not found' } };

  it('of revision 2026-07-28 is asked once', async () => {
    respond = (response, body) => {
      if (body.includes('"server/discover"')) json(response, 200, { result: modern });
      else json(response, 400, { error: { code: -32022, message: 'Unsupported protocol version' } });
    };
    const address = 'https://api.example.com/mcp';
    expect(await verify(entry, address, { endpointUrl })).toMatchObject({
      outcome: 'ok',
      account: { id: address, label: address },
    });
    expect(requests).toBe(1);
  });

  it.each([200, 400, 404])(
    'of an older one, that responds with %i to the newest, is asked as before',
    async (status) => {
      respond = (response, body) => {
        if (body.includes('"initialize"')) json(response, 200, { result: legacy });
        else json(response, status, notFound);
      };
      const verification = await verify(entry, 'https://api.example.com/mcp', { endpointUrl });
      expect([verification.outcome, requests]).toEqual(['ok', 2]);
    },
  );

  it.each([401, 403, 429, 500, 302])('that responds with %i is not asked again', async (status) => {
    respond = (response) => response.writeHead(status, { 'www-authenticate': 'Bearer' }).end();
    expect((await verify(entry, 'https://api.example.com/mcp', { endpointUrl })).outcome).not.toBe('ok');
    expect(requests).toBe(1);
  });
});
