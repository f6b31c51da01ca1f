import { afterAll, describe, expect, test } from 'vitest';
import { routes } from '../../../shared/contract/http/index.ts';
import { noBody } from '../../../shared/contract/http/route.ts';
import { TestBackend } from '../../harness/backend.ts';
import { assertContract } from '../../harness/contract.ts';
import { createExampleProject, EXAMPLES, OPERATIONS, pathOf, send } from '../../harness/requests.ts';
import { readResponse } from '../../harness/response.ts';
import { errorPaths } from '../../harness/views.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

const KIB_64 = 64 * 1024;
const withBody = OPERATIONS.filter((id) => routes[id].body !== noBody);
const userOperations = withBody.filter((id) => routes[id].caller.kind === 'user');

describe('a body', () => {
  test('may have 64 KB, counted in bytes', async () => {
    const here = await createExampleProject(backend);
    for (const id of userOperations) {
      const { params, body } = await EXAMPLES[id](here);
      const request = (text: string) =>
        backend.request(routes[id].method, pathOf(id, params), { body: text });
      const text = JSON.stringify(body);
      expect((await request(text.padEnd(KIB_64, ' '))).status, id).toBeLessThan(300);
      expect((await request(text.padEnd(KIB_64 + 1, ' '))).json).toMatchObject({ code: 'payload_too_large' });
      const wide = JSON.stringify({ ...body, more: 'é'.repeat(KIB_64 / 2) });
      expect((await request(wide)).json).toMatchObject({ code: 'payload_too_large' });
    }
  });

  test('must have a media type of JSON', async () => {
    const here = await createExampleProject(backend);
    for (const id of userOperations) {
      const { params, body } = await EXAMPLES[id](here);
      const request = (type: string) =>
        backend.request(routes[id].method, pathOf(id, params), {
          body: JSON.stringify(body),
          headers: { 'content-type': type },
        });
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'application/jsonp',
        'json',
        '',
      ]) {
        expect((await request(type)).json, `${id} ${type}`).toMatchObject({ code: 'unsupported_media_type' });
      }
      for (const type of [
        'application/json; charset=utf-8',
        'Application/JSON',
        'application/vnd.api+json',
      ]) {
        expect((await request(type)).status, `${id} ${type}`).toBeLessThan(300);
      }
    }
  });

  test('must be valid JSON', async () => {
    const here = await createExampleProject(backend);
    const texts = [
      '',
      '{',
      '{"name":}',
      "{'name':'x'}",
      '{"name":"x"} trailing',
      'undefined',
      '\u0000',
      '\ufeff{}',
    ];
    for (const id of userOperations) {
      for (const text of texts) {
        const response = await backend.request(
          routes[id].method,
          pathOf(id, (await await EXAMPLES[id](here)).params),
          {
            body: text,
          },
        );
        expect(errorPaths(response), `${id} ${text}`).toEqual(['']);
      }
    }
  });

  test('must be an object without unknown fields', async () => {
    const here = await createExampleProject(backend);
    const before = await here.project.get(here.connection.id);
    for (const id of withBody) {
      const { params, body } = await EXAMPLES[id](here);
      const more = await send(backend, id, { params, body: { ...body, more: 1, 'and.more': null } });
      expect(errorPaths(more), id).toEqual(['and.more', 'more']);
    }
    for (const id of userOperations) {
      const path = pathOf(id, (await await EXAMPLES[id](here)).params);
      for (const text of ['[]', 'null', '"text"', '7', 'true', '[{"name":"x"}]']) {
        expect(errorPaths(await backend.request(routes[id].method, path, { body: text })), id).toEqual(['']);
      }
    }
    expect(await here.project.get(here.connection.id)).toEqual(before);
  });
});

describe('a body with a key __proto__', () => {
  test('is refused at any depth, by its path', async () => {
    const example = await createExampleProject(backend);
    for (const id of userOperations) {
      const { params, body } = await EXAMPLES[id](example);
      const text = JSON.stringify(body);
      const fields = text.slice(1);
      const bodies = [
        ['__proto__', `{"__proto__":{},${fields}`],
        ['credentials.__proto__', text.replace('"credentials":{', '"credentials":{"__proto__":"x",')],
        ['more.__proto__', `{"more":{"__proto__":1},${fields}`],
      ] as const;
      for (const [path, raw] of bodies) {
        if (raw === text) continue;
        const response = await backend.request(routes[id].method, pathOf(id, params), { body: raw });
        expect(errorPaths(response), id).toEqual([path]);
      }
    }
    expect(await example.project.get(example.connection.id)).toEqual(example.connection.view);
  });
});

describe('the encoding of a body', () => {
  const send = async (body: Uint8Array<ArrayBuffer>, type = 'application/json') => {
    const project = await backend.createProject();
    const { apiUrl, tokens } = backend.session;
    const path = `/v1/projects/${project.id}/flows/f`;
    const headers = { authorization: `Bearer ${tokens.administrator}`, 'content-type': type };
    const response = await readResponse(await fetch(apiUrl + path, { method: 'PUT', headers, body }));
    assertContract('PUT', path, response);
    return response;
  };

  test('must be UTF-8', async () => {
    expect((await send(Buffer.from('{"name":"Ä"}'))).json).toMatchObject({ name: 'Ä' });
    expect(errorPaths(await send(Buffer.from('{"name":"Ä"}', 'latin1')))).toEqual(['']);
    expect(errorPaths(await send(Buffer.from('{"name":"Ä"}', 'utf16le')))).toEqual(['']);
  });

  test('must not be another charset by its media type', async () => {
    const body = Buffer.from('{"name":"Ä"}');
    for (const charset of ['UTF-8', 'utf8', '"utf-8"']) {
      expect((await send(body, `application/json; charset=${charset}`)).status, charset).toBe(200);
    }
    for (const charset of ['iso-8859-1', 'utf-16', 'utf-80']) {
      expect(errorPaths(await send(body, `application/json; charset=${charset}`)), charset).toEqual(['']);
    }
  });
});

describe('an operation without a body', () => {
  test('refuses one, except an empty object', async () => {
    const operations = OPERATIONS.filter(
      (id) => routes[id].body === noBody && routes[id].method !== 'GET' && routes[id].caller.kind === 'user',
    );
    expect(operations.length).toBeGreaterThan(1);
    for (const id of operations) {
      const example = await createExampleProject(backend);
      const { params } = await EXAMPLES[id](example);
      for (const body of ['{"force":true}', '[]', 'null', 'text']) {
        const response = await backend.request(routes[id].method, pathOf(id, params), { body });
        expect(errorPaths(response), `${id} ${body}`).toEqual(['']);
      }
      expect(await example.project.get(example.connection.id)).toEqual(example.connection.view);
      const response = await backend.request(routes[id].method, pathOf(id, params), { body: ' {} ' });
      expect(response.status, id).toBeLessThan(300);
    }
  });
});

const QUERIES: readonly (readonly [query: string, paths: readonly string[]])[] = [
  ['limit=0', ['limit']],
  ['limit=101', ['limit']],
  ['limit=-1', ['limit']],
  ['limit=1.5', ['limit']],
  ['limit=1e1', ['limit']],
  ['limit=', ['limit']],
  ['limit=01', ['limit']],
  ['limit=5&limit=6', ['limit']],
  ['status=Active&sort=age&order=up', ['order', 'sort', 'status']],
  ['expiring=false', ['expiring']],
  ['q=', ['q']],
  [`q=${'x'.repeat(129)}`, ['q']],
  ['q=a%0Ab', ['q']],
  ['provider=Tre%20llo', ['provider']],
  ['cursor=', ['cursor']],
  [`cursor=${'x'.repeat(4097)}`, ['cursor']],
  ['limit=x&status=x&q=&cursor=&more', ['cursor', 'limit', 'more', 'q', 'status']],
];

describe('the parameters', () => {
  test('of a query are refused by every route that does not declare them', async () => {
    const here = await createExampleProject(backend);
    // A provider may add any parameter to its redirect.
    const strict = OPERATIONS.filter((id) => routes[id].caller.kind !== 'engine' && id !== 'oauthCallback');
    for (const id of strict) {
      const response = await send(backend, id, await EXAMPLES[id](here), { query: '?more=1&constructor=2' });
      expect(errorPaths(response), id).toEqual(['constructor', 'more']);
    }
    expect((await here.project.get(here.connection.id)).version).toBe(1);
  });

  test('of a list must be valid', async () => {
    const project = await backend.createProject();
    for (const [query, paths] of QUERIES) {
      expect(errorPaths(await project.request('GET', `/connections?${query}`)), query).toEqual(paths);
    }
  });

  test('of path, query and body are reported together', async () => {
    const { project } = await createExampleProject(backend);
    const path = `/v1/projects/${project.id}/flows/no%20flow/integrations/no%20step?more=1`;
    const body = { provider: 'NO', name: '', credentials: { 'no-name': 1 }, other: 1 };
    expect(errorPaths(await backend.request('PUT', path, { body }))).toEqual([
      'credentials.no-name',
      'flowId',
      'more',
      'name',
      'other',
      'provider',
      'stepId',
    ]);
  });

  test('of a path that cannot be decoded are refused', async () => {
    const response = await backend.request('GET', '/v1/providers/%ff');
    expect([response.status, response.json.code]).toEqual([400, 'invalid_request']);
  });
});

describe('a request', () => {
  test('without a route is refused, with or without a token', async () => {
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/v1'],
      ['POST', '/v1/projects'],
      ['GET', '/v2/projects'],
      ['GET', '/v1/projects/'],
      ['DELETE', '/v1/projects/p/connections/c'],
      ['POST', '/v1/projects/p/connections'],
    ] as const) {
      for (const as of ['administrator', 'anonymous'] as const) {
        const response = await backend.request(method, path, { as });
        expect([response.status, response.json.code], path).toEqual([404, 'route_not_found']);
      }
    }
  });

  test('with headers above the limit of API Gateway is refused', async () => {
    const response = await backend.request('GET', '/v1/projects', {
      headers: { 'x-padding': 'x'.repeat(11_000) },
    });
    expect([response.status, response.json.code]).toEqual([431, 'headers_too_large']);
  });
});
