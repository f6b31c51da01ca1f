import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { CONSOLE_CLIENT, type IssuerOptions, startIssuer } from '../../../local/issuer/server.ts';
import { AUDIENCE, recordingRoute, runGateway } from './running-gateway.ts';

const ADA = { id: 'ada', name: 'Ada <Admin>', email: 'ada@example.com' };
const MAX = { id: 'max', name: 'Max Member', email: 'max@example.com' };
const ORIGIN = 'http://127.0.0.1:5173';
const REDIRECT_URI = `${ORIGIN}/signed-in`;

const tokenResponse = z.object({
  access_token: z.string(),
  id_token: z.string(),
  refresh_token: z.string(),
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'issuer-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function runIssuer(options: Partial<IssuerOptions> = {}) {
  const dataFile = join(folder, 'issuer', 'keys.json');
  const issuer = await startIssuer({
    dataFile,
    audience: AUDIENCE,
    users: [ADA, MAX],
    consoleOrigins: [ORIGIN],
    ...options,
  });
  return { ...issuer, dataFile, [Symbol.asyncDispose]: issuer.close };
}

function verify(token: string, { issuer, jwksUrl }: { issuer: string; jwksUrl: string }) {
  return jwtVerify(token, createRemoteJWKSet(new URL(jwksUrl)), { issuer, audience: AUDIENCE });
}

describe('a minted token', () => {
  test('is an RS256 access token of 12 hours for the user and the API', async () => {
    await using issuer = await runIssuer();
    const token = await issuer.mintToken(ADA.id);
    const { payload, protectedHeader } = await verify(token, issuer);
    expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'at+jwt', kid: expect.any(String) });
    expect(payload).toMatchObject({ sub: ADA.id, aud: AUDIENCE, client_id: CONSOLE_CLIENT });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(12 * 60 * 60);
  });

  test('is accepted by the gateway', async () => {
    await using issuer = await runIssuer();
    const route = recordingRoute('GET', '/v1/projects', 'jwt');
    await using gateway = await runGateway([route], { jwt: { ...issuer, audience: AUDIENCE } });
    const authorization = `Bearer ${await issuer.mintToken(MAX.id)}`;
    expect((await fetch(`${gateway.url}/v1/projects`, { headers: { authorization } })).status).toBe(204);
    expect(route.invocations[0]?.event.requestContext).toMatchObject({
      authorizer: { jwt: { claims: { sub: MAX.id } } },
    });
  });

  test('is refused for an unknown user', async () => {
    await using issuer = await runIssuer();
    await expect(issuer.mintToken('eve')).rejects.toThrow('There is no user eve');
  });
});

describe('the data file', () => {
  test('lets tokens survive a restart, on the same port', async () => {
    const first = await runIssuer();
    const token = await first.mintToken(ADA.id);
    await first.close();
    await using second = await runIssuer();
    expect(second.issuer).toBe(first.issuer);
    await verify(token, second);
  });

  test('gives up a port that is taken meanwhile', async () => {
    const first = await runIssuer();
    await first.close();
    const squatter = createServer().listen(Number(new URL(first.issuer).port), '127.0.0.1');
    await once(squatter, 'listening');
    await using second = await runIssuer();
    expect(second.issuer).not.toBe(first.issuer);
    squatter.close();
  });

  test('can be read by its owner alone, and its private part is not served', async () => {
    await using issuer = await runIssuer();
    expect((await stat(issuer.dataFile)).mode & 0o777).toBe(0o600);
    const { keys } = JSON.parse(await readFile(issuer.dataFile, 'utf8'));
    const served = await (await fetch(issuer.jwksUrl)).text();
    expect(served).toContain(keys[0].n);
    expect(served).not.toContain(keys[0].d);
  });

  test('is refused where it holds no keys', async () => {
    const dataFile = join(folder, 'broken.json');
    await writeFile(dataFile, '{"keys":[{}]}');
    await expect(runIssuer({ dataFile })).rejects.toThrow();
  });
});

describe('signing in at the console', () => {
  test('gives the chosen user an access token by code and PKCE, silently to the console', async () => {
    const written = [vi.spyOn(console, 'info'), vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')];
    await using issuer = await runIssuer();
    const browser = startBrowser();
    const verifier = randomBytes(32).toString('base64url');

    const page = await browser.follow(authorizationUrl(issuer.issuer, verifier));
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const html = await page.text();
    expect(html).toContain('Ada &#60;Admin&#62;');
    expect(html).toContain(`value="${MAX.id}"`);

    const back = await browser.follow(page.url, new URLSearchParams({ user: MAX.id }));
    const returned = new URL(back.headers.get('location') ?? '');
    expect(returned.href.startsWith(REDIRECT_URI)).toBe(true);
    expect(returned.searchParams.get('state')).toBe('abc');

    const response = await redeem(issuer.issuer, returned.searchParams.get('code') ?? '', verifier);
    const tokens = tokenResponse.parse(await response.json());
    expect((await verify(tokens.access_token, issuer)).payload.sub).toBe(MAX.id);
    expect(decodeProtectedHeader(tokens.access_token).typ).toBe('at+jwt');
    expect(decodeJwt(tokens.id_token)).toMatchObject({ sub: MAX.id, name: MAX.name, email: MAX.email });
    for (const spy of written) expect(spy).not.toHaveBeenCalled();
  });

  test('gives a refresh token that serves once, until the user signs out', async () => {
    await using issuer = await runIssuer();
    const browser = startBrowser();
    const first = await signIn(issuer.issuer, browser);
    const renewed = tokenResponse.parse(await (await renew(issuer.issuer, first.refresh_token)).json());
    expect((await verify(renewed.access_token, issuer)).payload.sub).toBe(MAX.id);
    const replayed = await renew(issuer.issuer, first.refresh_token);
    expect(await replayed.json()).toMatchObject({ error: 'invalid_grant' });

    const second = await signIn(issuer.issuer, browser);
    const page = await browser.follow(endSessionUrl(issuer.issuer, second.id_token));
    const xsrf = /name="xsrf" value="(\w+)"/.exec(await page.text())?.[1] ?? '';
    const confirm = new URLSearchParams({ xsrf, logout: 'yes' });
    const back = await browser.follow(`${issuer.issuer}/session/end/confirm`, confirm);
    expect(back.headers.get('location')).toBe(`${ORIGIN}/signed-out`);
    const ended = await renew(issuer.issuer, second.refresh_token);
    expect(await ended.json()).toMatchObject({ error: 'invalid_grant' });
    const again = await browser.follow(authorizationUrl(issuer.issuer, 'v'.repeat(43)));
    expect(await again.text()).toContain('choose a demo user');
  });

  test('returns to an origin that was added, whose scripts may redeem the code', async () => {
    await using issuer = await runIssuer();
    const added = 'http://127.0.0.1:8787';
    const url = authorizationUrl(issuer.issuer, 'v'.repeat(43), `${added}/signed-in`);
    expect((await startBrowser().follow(url)).status).toBe(400);
    await issuer.addConsoleOrigin(added);
    expect((await startBrowser().follow(url)).status).toBe(200);
    const allowedOrigin = async (origin: string) => {
      const response = await redeem(issuer.issuer, 'unknown', 'v'.repeat(43), { origin });
      return response.headers.get('access-control-allow-origin');
    };
    expect(await allowedOrigin(added)).toBe(added);
    expect(await allowedOrigin('http://evil.example')).toBeNull();
  });

  test('needs the verifier of the code', async () => {
    await using issuer = await runIssuer();
    const browser = startBrowser();
    const page = await browser.follow(authorizationUrl(issuer.issuer, 'the-right-verifier-'.repeat(3)));
    const back = await browser.follow(page.url, new URLSearchParams({ user: MAX.id }));
    const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const response = await redeem(issuer.issuer, code, 'another-verifier-'.repeat(3));
    expect(await response.json()).toMatchObject({ error: 'invalid_grant' });
  });

  test('refuses an unknown user, a page without its session, and a foreign redirect', async () => {
    await using issuer = await runIssuer();
    const browser = startBrowser();
    const page = await browser.follow(authorizationUrl(issuer.issuer, 'v'.repeat(43)));
    expect((await browser.follow(page.url, new URLSearchParams({ user: 'eve' }))).status).toBe(400);
    expect((await fetch(page.url)).status).toBe(400);
    const foreign = authorizationUrl(issuer.issuer, 'v'.repeat(43), 'http://evil.example/');
    const refused = await browser.follow(foreign);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('Sign-in failed');
  });
});

function authorizationUrl(issuer: string, verifier: string, redirectUri = REDIRECT_URI): string {
  const url = new URL('/auth', issuer);
  url.search = new URLSearchParams({
    client_id: CONSOLE_CLIENT,
    response_type: 'code',
    scope: 'openid profile email',
    redirect_uri: redirectUri,
    state: 'abc',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  return url.href;
}

/** Signs in as Max. Once signed in, the issuer's session spares its page. */
async function signIn(issuer: string, browser: ReturnType<typeof startBrowser>) {
  const verifier = randomBytes(32).toString('base64url');
  const page = await browser.follow(authorizationUrl(issuer, verifier));
  const back = page.headers.has('location')
    ? page
    : await browser.follow(page.url, new URLSearchParams({ user: MAX.id }));
  const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
  return tokenResponse.parse(await (await redeem(issuer, code, verifier)).json());
}

function renew(issuer: string, refreshToken: string): Promise<Response> {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: CONSOLE_CLIENT,
    refresh_token: refreshToken,
  });
  return fetch(`${issuer}/token`, { method: 'POST', body });
}

function endSessionUrl(issuer: string, idToken: string): string {
  const url = new URL('/session/end', issuer);
  url.searchParams.set('id_token_hint', idToken);
  url.searchParams.set('post_logout_redirect_uri', `${ORIGIN}/signed-out`);
  return url.href;
}

async function redeem(
  issuer: string,
  code: string,
  verifier: string,
  headers: Readonly<Record<string, string>> = {},
) {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: CONSOLE_CLIENT,
    redirect_uri: REDIRECT_URI,
    code,
    code_verifier: verifier,
  });
  return fetch(`${issuer}/token`, { method: 'POST', body, headers });
}

/** Signs in as a browser does: keeps cookies, follows redirects until they leave the issuer. */
function startBrowser() {
  const cookies = new Map<string, string>();
  const send = async (url: string, form?: URLSearchParams): Promise<Response> => {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    const sent = form ? { method: 'POST', body: form } : {};
    const response = await fetch(url, { ...sent, redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = response.headers.get('location');
    const next = location === null ? undefined : new URL(location, url);
    return next && next.origin === new URL(url).origin ? send(next.href) : response;
  };
  return { follow: send };
}
