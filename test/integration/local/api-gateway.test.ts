import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordingRoute, runGateway, sendRaw } from './running-gateway.ts';

describe('the event of payload format 2.0', () => {
  test('has what AWS documents', async () => {
    const route = recordingRoute('POST', '/my/{name}');
    await using gateway = await runGateway([route]);
    await sendRaw(gateway.url, {
      method: 'POST',
      target: '/my/a%20path?parameter1=value1&parameter1=value2&parameter2=a+b%2C',
      headers: {
        Header1: 'value1',
        Header2: ['value1', 'value2'],
        Cookie: 'cookie1=a; cookie2=b',
        'Content-Type': 'application/json',
        'User-Agent': 'agent',
      },
      body: Buffer.from('{"a":"ä"}'),
    });
    const { port } = new URL(gateway.url);
    expect(route.invocations[0]?.event).toEqual({
      version: '2.0',
      routeKey: 'POST /my/{name}',
      rawPath: '/my/a path',
      rawQueryString: 'parameter1=value1&parameter1=value2&parameter2=a+b%2C',
      cookies: ['cookie1=a', 'cookie2=b'],
      headers: {
        header1: 'value1',
        header2: 'value1,value2',
        'content-type': 'application/json',
        'content-length': '10',
        host: `127.0.0.1:${port}`,
        'user-agent': 'agent',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': port,
        'x-forwarded-proto': 'http',
      },
      queryStringParameters: { parameter1: 'value1,value2', parameter2: 'a b,' },
      pathParameters: { name: 'a path' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'local',
        domainName: '127.0.0.1',
        domainPrefix: '127',
        http: {
          method: 'POST',
          path: '/my/a path',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'agent',
        },
        requestId: expect.any(String),
        routeKey: 'POST /my/{name}',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      body: '{"a":"ä"}',
      isBase64Encoded: false,
    });
  });

  test('leaves out what the request does not have', async () => {
    const route = recordingRoute('GET', '/plain');
    await using gateway = await runGateway([route]);
    await fetch(`${gateway.url}/plain`);
    expect(Object.keys(route.invocations[0]?.event ?? {}).sort()).toEqual([
      'headers',
      'isBase64Encoded',
      'rawPath',
      'rawQueryString',
      'requestContext',
      'routeKey',
      'version',
    ]);
  });

  test('carries any path, query, headers and cookies', async () => {
    const route = recordingRoute('GET', '/v1/{first}/x/{second}');
    await using gateway = await runGateway([route]);
    await fc.assert(
      fc.asyncProperty(anyRequest, async ({ first, second, query, headers, cookies }) => {
        const target = `/v1/${encodeURIComponent(first)}/x/${encodeURIComponent(second)}?${encodeQuery(query)}`;
        const sent = { ...Object.fromEntries(headers), cookie: cookies };
        expect((await sendRaw(gateway.url, { target, headers: sent })).status).toBe(204);
        const event = route.invocations.at(-1)?.event;
        expect(event?.rawPath).toBe(`/v1/${first}/x/${second}`);
        expect(event?.pathParameters).toEqual({ first, second });
        expect(event?.rawQueryString).toBe(encodeQuery(query));
        expect(new Map(Object.entries(event?.queryStringParameters ?? {}))).toEqual(joined(query));
        for (const [name, values] of headers) expect(event?.headers[name]).toBe(values.join(','));
        expect(event?.headers).not.toHaveProperty('cookie');
        expect(event?.cookies ?? []).toEqual(cookies);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ['application/json', false],
    ['application/json; charset=utf-8', false],
    ['text/csv', false],
    ['application/xml', false],
    ['application/javascript', false],
    ['application/x-www-form-urlencoded', true],
    ['multipart/form-data; boundary=x', true],
    ['application/problem+json', true],
    ['image/png', true],
    [undefined, true],
  ])('encodes a body of type %s in base64: %s', async (type, isBase64Encoded) => {
    const route = recordingRoute('PUT', '/body');
    await using gateway = await runGateway([route]);
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    await sendRaw(gateway.url, { method: 'PUT', target: '/body', headers, body: Buffer.from('ab') });
    const body = isBase64Encoded ? 'YWI=' : 'ab';
    expect(route.invocations[0]?.event).toMatchObject({ isBase64Encoded, body });
  });

  test('comes with a context of the function', async () => {
    const route = recordingRoute('GET', '/v1/projects/{projectId}');
    await using gateway = await runGateway([route]);
    await fetch(`${gateway.url}/v1/projects/demo`);
    const context = route.invocations[0]?.context;
    expect(context).toMatchObject({
      functionName: 'get-v1-projects-projectid',
      invokedFunctionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:get-v1-projects-projectid',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(context?.getRemainingTimeInMillis()).toBeGreaterThan(20_000);
    expect(context?.getRemainingTimeInMillis()).toBeLessThanOrEqual(30_000);
  });
});

test.each([
  ['/pets/dog/1', 'GET /pets/dog/1', undefined],
  ['/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
  ['/pets/cat/1', 'GET /pets/{kind}/{id}', { kind: 'cat', id: '1' }],
])('the route of %s is the most specific one, %s', async (path, routeKey, pathParameters) => {
  const paths = ['/pets/{kind}/{id}', '/pets/dog/{id}', '/pets/dog/1'];
  const routes = paths.map((declared) => recordingRoute('GET', declared));
  await using gateway = await runGateway(routes);
  await fetch(gateway.url + path);
  const events = routes.flatMap(({ invocations }) => invocations).map(({ event }) => event);
  expect(events.map((event) => [event.routeKey, event.pathParameters])).toEqual([[routeKey, pathParameters]]);
});

describe('the result of a function', () => {
  test.each([
    ['without a type', { statusCode: 201, body: 'made' }, 201, 'text/plain; charset=utf-8', 'made'],
    [
      'with a type',
      { statusCode: 404, headers: { 'Content-Type': 'application/json' }, body: '{}' },
      404,
      'application/json',
      '{}',
    ],
    [
      'in base64',
      { statusCode: 200, body: 'aGVsbG8=', isBase64Encoded: true },
      200,
      'text/plain; charset=utf-8',
      'hello',
    ],
  ])('%s becomes the response', async (_, result, status, contentType, body) => {
    await using gateway = await runGateway([recordingRoute('GET', '/r', 'none', () => result)]);
    const response = await fetch(`${gateway.url}/r`);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, contentType]);
    expect(await response.text()).toBe(body);
    expect(response.headers.get('apigw-requestid')).not.toBeNull();
  });

  test('sets headers, but not those of the connection', async () => {
    const headers = { ETag: '"4"', 'x-number': 3, 'Content-Length': '999', 'Transfer-Encoding': 'chunked' };
    const result = { statusCode: 200, headers, body: 'äh' };
    await using gateway = await runGateway([recordingRoute('GET', '/r', 'none', () => result)]);
    const response = await fetch(`${gateway.url}/r`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      etag: '"4"',
      'x-number': '3',
      'content-length': '3',
    });
    expect(response.headers.get('transfer-encoding')).toBeNull();
  });

  test.each<[string, () => unknown]>([
    [
      'a thrown error',
      () => {
        throw new Error('canary of the function');
      },
    ],
    ['no status', () => ({ message: 'canary' })],
    ['an invalid status', () => ({ statusCode: 99 })],
    ['a body that is no text', () => ({ statusCode: 200, body: { canary: true } })],
    ['more than 6 MB', () => ({ statusCode: 200, body: 'x'.repeat(6 * 1024 * 1024) })],
  ])('%s is a 500 without details', async (_name, result) => {
    await using gateway = await runGateway([recordingRoute('GET', '/r', 'none', result)]);
    const response = await fetch(`${gateway.url}/r`);
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ code: 'internal_error', message: 'Internal Server Error' });
    expect(text).not.toContain('canary');
    expect(gateway.failures).toHaveLength(1);
  });
});

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const someText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const visible = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
const anyRequest = fc.record({
  first: someText,
  second: someText,
  query: fc.array(fc.tuple(fc.oneof(someText, fc.constantFrom('a', 'b', '__proto__')), text), {
    maxLength: 6,
  }),
  headers: fc.uniqueArray(
    fc.tuple(fc.stringMatching(/^x-[a-z]{1,8}$/), fc.array(visible, { minLength: 1, maxLength: 3 })),
    { selector: ([name]) => name, maxLength: 5 },
  ),
  cookies: fc.array(fc.stringMatching(/^[a-z]{1,5}=[A-Za-z0-9]{0,10}$/), { maxLength: 4 }),
});

type Pairs = readonly (readonly [string, string])[];

function encodeQuery(pairs: Pairs): string {
  return pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
}

function joined(pairs: Pairs): Map<string, string> {
  const names = new Set(pairs.map(([name]) => name));
  return new Map(
    [...names].map((name) => [name, pairs.flatMap((pair) => (pair[0] === name ? [pair[1]] : [])).join(',')]),
  );
}
