import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ServeConsole, serveConsole } from '../../../local/console/server.ts';
import { listen } from '../../../local/loopback.ts';

const folder = mkdtempSync(join(tmpdir(), 'console-'));
mkdirSync(join(folder, 'assets'));
writeFileSync(join(folder, 'index.html'), '<!doctype html>');
writeFileSync(join(folder, 'assets/page-1a2b.js'), 'export {};');

const config = {
  apiUrl: 'http://127.0.0.1:1',
  issuer: 'http://127.0.0.1:2',
  clientId: 'console',
  scope: 'openid profile',
};

/** Starts a server with a console in front of an API that responds 418, and 500 where the console fails. */
async function start(serve: ServeConsole): Promise<string> {
  const server = createServer((request, response) => {
    serve(request, response).then(
      (served) => served || response.writeHead(418).end(),
      () => response.writeHead(500).end(),
    );
  });
  servers.push(server);
  return (await listen(server)).url;
}

const servers: Server[] = [];
let url: string;
beforeAll(async () => {
  url = await start(serveConsole({ folder, build: async () => undefined, config: () => config }));
});
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const get = (path: string, headers = {}, method = 'GET') => fetch(url + path, { method, headers });

test.each([
  '/',
  '/projects/my.project/connections?status=inactive',
  '/projects/my.project',
  '/signed-in?code=1',
])('the page %s is index.html, which browsers ask for each time', async (path) => {
  const response = await get(path, HTML);
  expect(await response.text()).toBe('<!doctype html>');
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-cache');
});

test('a file with a hash in its name is cached for a year', async () => {
  const response = await get('/assets/page-1a2b.js');
  expect(await response.text()).toBe('export {};');
  expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
});

test('/config.json is the configuration', async () => {
  expect(await (await get('/config.json')).json()).toEqual(config);
});

test.each(['/', '/config.json', '/assets/page-1a2b.js'])(
  '%s may run scripts of its own and call the API and the issuer only, and no page may frame it',
  async (path) => {
    const { headers } = await get(path, HTML);
    const policy = headers.get('content-security-policy')?.split('; ');
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self' http://127.0.0.1:2",
        "frame-ancestors 'none'",
      ]),
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  },
);

test('files are compressed for a client that accepts it', async () => {
  const response = await get('/assets/page-1a2b.js', { 'accept-encoding': 'gzip, deflate, br' });
  expect(response.headers.get('content-encoding')).toBe('br');
  expect(await response.text()).toBe('export {};');
  const plain = await get('/assets/page-1a2b.js', { 'accept-encoding': 'identity' });
  expect(plain.headers.get('content-encoding')).toBeNull();
  expect(plain.headers.get('content-length')).toBe('10');
});

test('HEAD has the headers alone', async () => {
  const response = await get('/', { ...HTML, 'accept-encoding': 'identity' }, 'HEAD');
  expect(response.headers.get('content-length')).toBe('15');
  expect(await response.text()).toBe('');
});

test.each([
  ['GET', '/v1/projects', HTML],
  ['GET', '/local/events', HTML],
  ['POST', '/', HTML],
  ['GET', '/unknown', { accept: 'application/json' }],
  ['GET', '/missing.svg', HTML],
  ['GET', '/assets/missing.js', {}],
  ['GET', '/assets/..%2f..%2fpackage.json', {}],
])('%s %s is left to the API', async (method, path, headers) => {
  expect((await get(path, headers, method)).status).toBe(418);
});

test('a build runs once, and again after it failed', async () => {
  const build = vi.fn(async () => undefined).mockRejectedValueOnce(new Error('does not compile'));
  const page = await start(serveConsole({ folder, build, config: () => config }));
  const statusOf = async () => (await fetch(page, { headers: HTML })).status;
  expect([await statusOf(), await statusOf(), await statusOf()]).toEqual([500, 200, 200]);
  expect(build).toHaveBeenCalledTimes(2);
});
