import { createHash } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { USERS } from '../../../local/users.ts';
import { builtInProviders } from '../../../shared/catalog/index.ts';
import { type Project, TestBackend } from '../../harness/backend.ts';
import type { ApiResponse } from '../../harness/response.ts';
import { errorPaths } from '../../harness/views.ts';

/** The attacks of RFC 9700 (Best Current Practice for OAuth 2.0 Security) that apply to a client. */

const backend = await TestBackend.open();
afterAll(() => backend.close());

const GOOGLE = 'google-calendar';
const MADE_UP = 'x'.repeat(43);

interface Started {
  readonly project: Project;
  readonly authorizationId: string;
  readonly authorizationUrl: string;
}

/** Starts an authorization for a step of a new flow. */
async function start(provider = GOOGLE, project?: Project): Promise<Started> {
  const own = project ?? (await backend.createProject());
  const flowId = await own.createFlow();
  const returnTo = `${backend.session.apiUrl}/returned`;
  const path = `/flows/${flowId}/integrations/step/authorize`;
  const { status, json } = await own.request('POST', path, { body: { provider, returnTo } });
  expect(status).toBe(201);
  const { authorizationId, authorizationUrl } = json;
  return {
    project: own,
    authorizationId: String(authorizationId),
    authorizationUrl: String(authorizationUrl),
  };
}

/** Consents at the provider, and returns the redirect that the browser would follow. */
const consent = ({ authorizationUrl }: Started) => backend.sandbox.decide(authorizationUrl);

const follow = ({ pathname, search }: URL) =>
  backend.request('GET', `${pathname}${search}`, { as: 'anonymous' });

function returned(response: ApiResponse): URLSearchParams {
  expect(response.status).toBe(302);
  return new URL(response.headers.get('location') ?? '').searchParams;
}

async function completionOf(started: Started): Promise<string> {
  return returned(await follow(await consent(started))).get('completion') ?? '';
}

const complete = ({ project, authorizationId }: Started, completion: string, as?: 'member' | 'outsider') =>
  project.complete({ authorizationId, completion }, as);

/** The project has no connection, and the history of none. */
async function expectNothing({ project }: Started): Promise<void> {
  expect((await project.list()).counts.all).toBe(0);
}

describe('login CSRF by a link that was sent to somebody else (sections 4.7 and 4.16)', () => {
  test('the attacker, who does not have the code of the browser that consented, cannot complete', async () => {
    const attacker = await start();
    await completionOf(attacker);
    for (const guess of [MADE_UP, attacker.authorizationId, '']) {
      const { status, json } = await complete(attacker, guess);
      expect([status, json.code]).toEqual(
        guess === '' ? [400, 'invalid_request'] : [404, 'authorization_not_found'],
      );
    }
    await expectNothing(attacker);
  });

  test('the victim, who has the code and may even configure the project, cannot complete', async () => {
    const attacker = await start();
    const completion = await completionOf(attacker);
    const path = `/v1/runtime/projects/${attacker.project.id}/members/${USERS.member.id}`;
    expect((await backend.engineRequest('PUT', path, { role: 'administrator' })).status).toBe(204);
    expect((await complete(attacker, completion, 'member')).json.code).toBe('authorization_not_found');
    expect((await complete(attacker, completion, 'outsider')).status).toBe(404);
    await expectNothing(attacker);
  });

  test('a code does not complete in another project of the same user', async () => {
    const started = await start();
    const completion = await completionOf(started);
    const project = await backend.createProject();
    expect((await complete({ ...started, project }, completion)).json.code).toBe('authorization_not_found');
    expect((await complete(started, completion)).status).toBe(201);
  });
});

describe('mix-up of authorization servers (section 4.4)', () => {
  test('each OAuth client has a redirect URI of its own, and a state counts at that one alone', async () => {
    const started = await start();
    const callback = await consent(started);
    expect(callback.pathname).toBe('/v1/oauth/callback/google');
    const redirectUri = new URL(started.authorizationUrl).searchParams.get('redirect_uri');
    expect(redirectUri).toBe(`${backend.session.apiUrl}/v1/oauth/callback/google`);
    for (const client of ['microsoft', 'constructor', 'GOOGLE']) {
      const other = new URL(`/v1/oauth/callback/${client}${callback.search}`, callback);
      expect((await follow(other)).status).toBe(400);
    }
    expect((await complete(started, returned(await follow(callback)).get('completion') ?? '')).status).toBe(
      201,
    );
  });
});

describe('injection of a stolen code (section 4.5)', () => {
  test("a victim's code does not work in the attacker's authorization: its verifier is another", async () => {
    const [victim, attacker] = [await start(), await start()];
    const stolen = await consent(victim);
    const own = await consent(attacker);
    own.searchParams.set('code', stolen.searchParams.get('code') ?? '');
    const completion = returned(await follow(own)).get('completion') ?? '';
    const refused = await complete(attacker, completion);
    expect([refused.status, refused.json.code]).toEqual([422, 'credentials_rejected']);
    await expectNothing(attacker);
    expect((await complete(victim, returned(await follow(stolen)).get('completion') ?? '')).status).toBe(201);
  });

  test("an attacker's code does not work with a state that is unknown, altered or another's", async () => {
    const [victim, attacker] = [await start(), await start()];
    const callback = await consent(attacker);
    const state = callback.searchParams.get('state') ?? '';
    const [, secret] = state.split('.');
    const states = [
      '',
      MADE_UP,
      `${victim.authorizationId}.${secret}`,
      `${victim.authorizationId}.`,
      victim.authorizationId,
      `${state}x`,
      `${state.slice(0, -1)}.`,
    ];
    for (const forged of states) {
      callback.searchParams.set('state', forged);
      expect((await follow(callback)).status).toBe(400);
    }
    callback.searchParams.delete('state');
    expect((await follow(callback)).status).toBe(400);
    await expectNothing(victim);
  });
});

describe('replay', () => {
  test('a state works once, whatever came with it first', async () => {
    const started = await start();
    const callback = await consent(started);
    const completion = returned(await follow(callback)).get('completion') ?? '';
    expect((await follow(callback)).status).toBe(400);
    callback.searchParams.set('code', 'another');
    expect((await follow(callback)).status).toBe(400);
    expect((await complete(started, completion)).status).toBe(201);
    expect((await follow(callback)).status).toBe(400);
  });

  test('a state that came with an error does not work with a code afterwards', async () => {
    const started = await start();
    const callback = await consent(started);
    const failed = new URL(callback);
    failed.searchParams.delete('code');
    failed.searchParams.set('error', 'server_error');
    expect(returned(await follow(failed)).get('error')).toBe('provider_error');
    expect((await follow(callback)).status).toBe(400);
    expect((await complete(started, MADE_UP)).json.code).toBe('authorization_not_found');
    await expectNothing(started);
  });

  test('of a completion returns the same connection to the same user, and makes no other', async () => {
    const started = await start();
    const completion = await completionOf(started);
    const attempts = await Promise.all([1, 2, 3].map(() => complete(started, completion)));
    const statuses = attempts.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201).length).toBeGreaterThanOrEqual(1);
    for (const { status, json } of attempts) {
      if (status !== 201) expect(json.code).toBe('request_in_progress');
    }
    const [made] = attempts.filter(({ status }) => status === 201);
    const repeated = await complete(started, completion);
    expect([repeated.status, repeated.json.id]).toEqual([201, made?.json.id]);
    expect((await complete(started, completion, 'member')).status).toBeGreaterThanOrEqual(403);
    expect((await started.project.list()).counts.all).toBe(1);
  });

  test('of a completion that failed does not exchange the code again', async () => {
    const started = await start();
    const callback = await consent(started);
    callback.searchParams.set('code', 'made-up');
    const completion = returned(await follow(callback)).get('completion') ?? '';
    expect((await complete(started, completion)).status).toBe(422);
    const repeated = await complete(started, completion);
    expect([repeated.status, repeated.json.code]).toEqual([409, 'authorization_used']);
  });
});

describe('open redirect by returnTo (section 4.11)', () => {
  const origin = new URL(backend.session.apiUrl);
  const { host, hostname, port, protocol } = origin;

  test.each([
    ['another host', 'https://evil.example/'],
    ['a host that begins like an allowed one', `${protocol}//${hostname}.evil.example/`],
    ['an allowed origin as path', `https://evil.example/${origin.href}`],
    ['an allowed origin as user', `${protocol}//${host}@evil.example/`],
    ['a user at an allowed origin', `${protocol}//user:password@${host}/`],
    ['an empty user', `${protocol}//@evil.example\\@${host}/`],
    ['another port', `${protocol}//${hostname}:${Number(port) + 1}/`],
    ['another scheme', `https://${host}/`],
    ['a script', `javascript:alert(1)//${host}`],
    ['a blob of an allowed origin', `blob:${origin.origin}/0f1e2d3c`],
    ['data', `data:text/html,${origin.href}`],
    ['an address without a scheme', `//${host}/`],
    ['a path', '/returned'],
    ['a backslash', `${protocol}\\\\evil.example\\${host}`],
    ['a line break', `${origin.href}\nlocation: https://evil.example`],
    ['nothing', ''],
  ])('%s is refused', async (_what, returnTo) => {
    const project = await backend.createProject();
    const path = `/flows/${await project.createFlow()}/integrations/step/authorize`;
    const response = await project.request('POST', path, { body: { provider: GOOGLE, returnTo } });
    expect(response.status).toBe(400);
    expect(errorPaths(response)).toEqual(['returnTo']);
  });

  test("parameters of returnTo do not replace the authorization's own", async () => {
    const project = await backend.createProject();
    const flowId = await project.createFlow();
    const returnTo = `${origin.href}page?completion=forged&authorization=forged&error=forged&tab=1#part`;
    const path = `/flows/${flowId}/integrations/step`;
    const { authorizationId, completion } = await project.consent(path, { provider: GOOGLE, returnTo });
    expect([authorizationId, completion]).not.toContain('forged');
    expect((await project.complete({ authorizationId, completion })).status).toBe(201);
  });
});

describe('leaks by the browser (section 4.2)', () => {
  test('the redirect sends no referrer, is not stored, and has no code of the provider in its address', async () => {
    const started = await start();
    const callback = await consent(started);
    const response = await follow(callback);
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.text).toBe('');
    const location = response.headers.get('location') ?? '';
    for (const name of ['code', 'state']) {
      const value = callback.searchParams.get(name) ?? '';
      expect(value.length).toBeGreaterThan(20);
      expect(location).not.toContain(value);
      for (const part of value.split('.').slice(1)) expect(location).not.toContain(part);
    }
  });

  test('the page of a link that is no longer valid repeats nothing and loads nothing', async () => {
    const callback = await consent(await start());
    callback.searchParams.set('state', '<script>alert(1)</script>');
    callback.searchParams.set('error_description', 'canary-description');
    const response = await follow(callback);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const code = callback.searchParams.get('code') ?? '';
    for (const text of [code, 'canary', '<script', 'alert', 'http:', 'https:', 'src=', 'href=']) {
      expect(response.text).not.toContain(text);
    }
  });

  test("the provider's description of an error is not passed on", async () => {
    const callback = await consent(await start());
    callback.searchParams.delete('code');
    callback.searchParams.set('error', 'canary-error');
    callback.searchParams.set('error_description', 'canary-description');
    const location = (await follow(callback)).headers.get('location') ?? '';
    expect(new URL(location).searchParams.get('error')).toBe('provider_error');
    expect(location).not.toContain('canary');
  });
});

describe('downgrade of PKCE (section 4.8.2)', () => {
  test.each(
    builtInProviders().flatMap(({ entry: { id, oauth2, auth } }) =>
      oauth2?.pkce && oauth2.authorizeUrl && auth.fields.length === 0 ? [id] : [],
    ),
  )('%s is asked with a challenge by S256, and each time another', async (provider) => {
    const [one, other] = [await start(provider), await start(provider)];
    const challenges = [one, other].map(({ authorizationUrl }) => {
      const { searchParams } = new URL(authorizationUrl);
      expect(searchParams.get('code_challenge_method')).toBe('S256');
      return searchParams.get('code_challenge') ?? '';
    });
    for (const challenge of challenges) expect(challenge).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(new Set(challenges).size).toBe(2);
  });

  test('an authorization request without the challenge ends without a connection', async () => {
    const started = await start();
    const address = new URL(started.authorizationUrl);
    address.searchParams.delete('code_challenge');
    address.searchParams.delete('code_challenge_method');
    const refused = await fetch(address, { redirect: 'manual' });
    const callback = new URL(refused.headers.get('location') ?? '');
    expect(returned(await follow(callback)).get('error')).toBe('provider_error');
    await expectNothing(started);
  });

  test("a code of an attacker's own challenge does not work", async () => {
    const started = await start();
    const address = new URL(started.authorizationUrl);
    address.searchParams.set('code_challenge', createHash('sha256').update(MADE_UP).digest('base64url'));
    const callback = await consent({ ...started, authorizationUrl: address.href });
    const completion = returned(await follow(callback)).get('completion') ?? '';
    expect((await complete(started, completion)).json.code).toBe('credentials_rejected');
    await expectNothing(started);
  });
});
