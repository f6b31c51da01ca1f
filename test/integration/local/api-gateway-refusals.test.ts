import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signIndependently } from './independent-signer.ts';
import { AUDIENCE, IAM, recordingRoute, runGateway, sendRaw, serveKeys } from './running-gateway.ts';

const problem = (status: number, code: string, title: string, message: string) => ({
  type: 'about:blank',
  title,
  status,
  detail: expect.any(String),
  code,
  requestId: expect.any(String),
  message,
});

describe('sizes and routes', () => {
  const MB = 1024 * 1024;

  test.each([
    ['GET', '/nothing/here'],
    ['POST', '/known'],
    ['GET', '/known/'],
    ['GET', '/known/{id}/'],
  ])('%s %s has no route: 404', async (method, path) => {
    await using gateway = await runGateway([
      recordingRoute('GET', '/known'),
      recordingRoute('GET', '/known/{id}'),
    ]);
    const response = await fetch(gateway.url + path, { method });
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toEqual(problem(404, 'route_not_found', 'Not Found', 'Not Found'));
  });

  test('a body of 10 MB passes, one byte more is 413', async () => {
    const route = recordingRoute('POST', '/b');
    await using gateway = await runGateway([route]);
    const post = (bytes: number) => fetch(`${gateway.url}/b`, { method: 'POST', body: Buffer.alloc(bytes) });
    expect((await post(10 * MB)).status).toBe(204);
    const refused = await post(10 * MB + 1);
    expect(await refused.json()).toEqual(
      problem(413, 'payload_too_large', 'Payload Too Large', 'Request Entity Too Large'),
    );
    expect(route.invocations).toHaveLength(1);
  });

  test('a body sent in chunks is counted too', async () => {
    await using gateway = await runGateway([recordingRoute('POST', '/b')]);
    const body = new Blob([Buffer.alloc(10 * MB), Buffer.alloc(1)]).stream();
    const response = await fetch(`${gateway.url}/b`, { method: 'POST', body, duplex: 'half' });
    expect(response.status).toBe(413);
  });

  test('10,240 bytes of request line and header values pass, one more is 431', async () => {
    await using gateway = await runGateway([recordingRoute('GET', '/h')]);
    const host = new URL(gateway.url).host;
    const others = 'GET /h HTTP/1.1'.length + host.length + 'keep-alive'.length;
    const get = (filler: number) =>
      sendRaw(gateway.url, {
        target: '/h',
        headers: { connection: 'keep-alive', 'x-long': 'x'.repeat(filler) },
      });
    expect((await get(10_240 - others)).status).toBe(204);
    const refused = await get(10_241 - others);
    expect(JSON.parse(refused.body)).toEqual(
      problem(431, 'headers_too_large', 'Request Header Fields Too Large', 'Request Header Fields Too Large'),
    );
  });

  test('a header block too long to be parsed is 431 as well', async () => {
    await using gateway = await runGateway([recordingRoute('GET', '/h')]);
    const refused = await sendRaw(gateway.url, { target: '/h', headers: { 'x-long': 'x'.repeat(70_000) } });
    expect(refused.status).toBe(431);
    expect(JSON.parse(refused.body).code).toBe('headers_too_large');
  });

  test('a path that cannot be decoded is 400', async () => {
    await using gateway = await runGateway([recordingRoute('GET', '/{id}')]);
    const refused = await sendRaw(gateway.url, { target: '/%E0%A4' });
    expect(JSON.parse(refused.body)).toMatchObject({
      status: 400,
      code: 'invalid_request',
      message: 'Bad Request',
    });
  });

  test('bytes that are no HTTP are 400', async () => {
    await using gateway = await runGateway([]);
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.end('nonsense\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  });

  test('a function that does not respond in time is 503', async () => {
    const late = Promise.withResolvers<unknown>();
    const route = { ...recordingRoute('GET', '/slow'), handler: () => late.promise };
    await using gateway = await runGateway([route], { integrationTimeoutMs: 20 });
    const response = await fetch(`${gateway.url}/slow`);
    expect(await response.json()).toEqual(
      problem(503, 'internal_error', 'Service Unavailable', 'Service Unavailable'),
    );
    late.reject(new Error('too late to matter'));
  });
});

describe('the JWT authorizer', () => {
  let keys: Awaited<ReturnType<typeof serveKeys>>;
  beforeAll(async () => {
    keys = await serveKeys();
  });
  afterAll(() => keys.close());

  const now = () => Math.floor(Date.now() / 1000);
  const claims = () => ({ iss: keys.jwt.issuer, aud: AUDIENCE, sub: 'ada', iat: now(), exp: now() + 60 });
  const call = async (authorization: string | undefined) => {
    const route = recordingRoute('GET', '/p', 'jwt');
    await using gateway = await runGateway([route], { jwt: keys.jwt });
    const response = await fetch(`${gateway.url}/p`, authorization ? { headers: { authorization } } : {});
    return { response, route };
  };

  test('hands on the claims as strings', async () => {
    const token = await keys.sign({
      ...claims(),
      exp: 4102444800,
      groups: ['a', 'b'],
      admin: true,
    });
    const { route } = await call(`Bearer ${token}`);
    expect(route.invocations[0]?.event.requestContext).toMatchObject({
      authorizer: {
        jwt: {
          claims: {
            sub: 'ada',
            aud: AUDIENCE,
            exp: '4102444800',
            groups: '[a b]',
            admin: 'true',
          },
          scopes: null,
        },
      },
    });
  });

  test.each<[string, () => Promise<string>]>([
    ['without its prefix', () => keys.sign(claims())],
    [
      'with one audience of several',
      async () => `Bearer ${await keys.sign({ ...claims(), aud: ['x', AUDIENCE] })}`,
    ],
    [
      'with client_id in place of aud',
      async () => {
        const { aud: client_id, ...others } = claims();
        return `Bearer ${await keys.sign({ ...others, client_id })}`;
      },
    ],
  ])('takes a token %s', async (_name, authorization) => {
    expect((await call(await authorization())).response.status).toBe(204);
  });

  test.each<[string, () => Promise<string>]>([
    ['expired', () => keys.sign({ ...claims(), exp: now() - 1 })],
    ['without an end', () => keys.sign({ iss: keys.jwt.issuer, aud: AUDIENCE })],
    ['not yet valid', () => keys.sign({ ...claims(), nbf: now() + 60 })],
    ['of the future', () => keys.sign({ ...claims(), iat: now() + 60 })],
    ['of another issuer', () => keys.sign({ ...claims(), iss: 'http://else' })],
    ['for another audience', () => keys.sign({ ...claims(), aud: 'x' })],
    [
      'for another audience with a good client_id',
      () => keys.sign({ ...claims(), aud: 'x', client_id: AUDIENCE }),
    ],
    ['signed by a stranger', () => keys.sign(claims(), { alg: 'RS256', kid: 'rsa' }, 'stranger')],
    ['of an unknown key', () => keys.sign(claims(), { alg: 'RS256', kid: 'x' })],
    ['that is not RSA', () => keys.sign(claims(), { alg: 'ES256', kid: 'elliptic' }, 'elliptic')],
    ['without a key id', () => keys.sign(claims(), { alg: 'RS256' })],
    ['that is malformed', async () => 'a.b.c'],
    ['without a signature', async () => (await keys.sign(claims())).replace(/[^.]+$/, '')],
  ])('refuses a token %s', async (_name, token) => {
    const { response, route } = await call(`Bearer ${await token()}`);
    expect(await response.json()).toEqual(problem(401, 'unauthenticated', 'Unauthorized', 'Unauthorized'));
    const challenge = /^Bearer scope="" error="invalid_token" error_description="[^"]+"$/;
    expect(response.headers.get('www-authenticate')).toMatch(challenge);
    expect(route.invocations).toHaveLength(0);
  });

  test('asks for a token where there is none', async () => {
    const { response } = await call(undefined);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });

  test('refuses when the keys cannot be fetched', async () => {
    await using gateway = await runGateway([recordingRoute('GET', '/p', 'jwt')]);
    const authorization = `Bearer ${await keys.sign({ ...claims(), iss: 'http://127.0.0.1' })}`;
    const response = await fetch(`${gateway.url}/p`, { headers: { authorization } });
    expect(response.status).toBe(401);
  });
});

describe('the IAM authorizer', () => {
  const body = '{"status":401}';

  test('passes the signer to the function', async () => {
    const route = recordingRoute('POST', '/v1/runtime/{id}', 'iam');
    await using gateway = await runGateway([route]);
    const url = `${gateway.url}/v1/runtime/a?b=1&b=2&c=d%20e`;
    const headers = signIndependently({ method: 'POST', url, body, ...IAM });
    expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(204);
    expect(route.invocations[0]?.event.requestContext).toMatchObject({
      authorizer: { iam: { accessKey: IAM.accessKeyId, accountId: '000000000000', userArn: IAM.userArn } },
    });
  });

  test.each([
    ['unsigned', () => ({})],
    [
      'wrongly signed',
      (url: string) => signIndependently({ method: 'POST', url, body, ...IAM, secretAccessKey: 'x' }),
    ],
    [
      'signed for another body',
      (url: string) => signIndependently({ method: 'POST', url, body: '{}', ...IAM }),
    ],
  ])('refuses a request %s', async (_name, sign) => {
    const route = recordingRoute('POST', '/v1/runtime/{id}', 'iam');
    await using gateway = await runGateway([route]);
    const url = `${gateway.url}/v1/runtime/a`;
    const response = await fetch(url, { method: 'POST', body, headers: sign(url) });
    expect(await response.json()).toEqual(problem(403, 'forbidden', 'Forbidden', 'Forbidden'));
    expect(route.invocations).toHaveLength(0);
  });
});

describe('CORS', () => {
  const origin = 'http://127.0.0.1:5173';
  const preflight = { origin, 'access-control-request-method': 'PATCH' };

  test('a preflight needs no authorization', async () => {
    await using gateway = await runGateway(
      [recordingRoute('PATCH', '/c', 'jwt'), recordingRoute('GET', '/c', 'jwt')],
      {
        allowedOrigins: [origin],
      },
    );
    const response = await sendRaw(gateway.url, { method: 'OPTIONS', target: '/c', headers: preflight });
    expect(response).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'PATCH,GET',
        'access-control-allow-headers': 'authorization,content-type,idempotency-key,if-match,if-none-match',
        'access-control-max-age': '300',
      },
    });
  });

  test('another origin is granted nothing', async () => {
    await using gateway = await runGateway([recordingRoute('GET', '/c')], { allowedOrigins: [origin] });
    const headers = { ...preflight, origin: 'http://evil.example' };
    const asked = await sendRaw(gateway.url, { method: 'OPTIONS', target: '/c', headers });
    const called = await sendRaw(gateway.url, { target: '/c', headers });
    for (const response of [asked, called]) {
      expect(response.status).toBe(204);
      expect(Object.keys(response.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  test("the function's own CORS headers are dropped, the configured ones set, refusals included", async () => {
    const result = () => ({
      statusCode: 200,
      headers: { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Credentials': 'true' },
    });
    await using gateway = await runGateway([recordingRoute('GET', '/c', 'none', result)], {
      allowedOrigins: [origin],
    });
    const granted = await fetch(`${gateway.url}/c`, { headers: { origin } });
    const notFound = await fetch(`${gateway.url}/other`, { headers: { origin } });
    for (const { headers } of [granted, notFound]) {
      expect(headers.get('access-control-allow-origin')).toBe(origin);
      expect(headers.get('access-control-allow-credentials')).toBeNull();
      expect(headers.get('access-control-expose-headers')).toContain('etag');
    }
  });

  test("the API's own origin is allowed too", async () => {
    await using gateway = await runGateway([recordingRoute('GET', '/c')]);
    const { headers } = await fetch(`${gateway.url}/c`, { headers: { origin: gateway.url } });
    expect(headers.get('access-control-allow-origin')).toBe(gateway.url);
  });
});

test('local routes see a request first', async () => {
  await using gateway = await runGateway([recordingRoute('GET', '/v1')], {
    localRoutes: async (request, response) => {
      if (!request.url?.startsWith('/local/')) return false;
      response.end('local');
      return true;
    },
  });
  expect(await (await fetch(`${gateway.url}/local/events`)).text()).toBe('local');
  expect((await fetch(`${gateway.url}/v1`)).status).toBe(204);
});

test('closing waits for the request under way', async () => {
  const started = Promise.withResolvers<void>();
  const result = Promise.withResolvers<unknown>();
  const handler = () => {
    started.resolve();
    return result.promise;
  };
  const gateway = await runGateway([{ ...recordingRoute('GET', '/slow'), handler }]);
  const response = fetch(`${gateway.url}/slow`);
  await started.promise;
  const closed = gateway.close();
  result.resolve({ statusCode: 200, body: 'done' });
  expect(await (await response).text()).toBe('done');
  await closed;
  await expect(fetch(`${gateway.url}/slow`)).rejects.toThrow();
});
