import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../../shared/contract/http/index.ts';
import { noBody } from '../../../shared/contract/http/route.ts';
import { TestBackend } from '../../harness/backend.ts';
import { createExampleProject, EXAMPLES, OPERATIONS, pathOf, send } from '../../harness/requests.ts';
import { errorPaths } from '../../harness/views.ts';

let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.open();
});
afterAll(() => backend.close());

const KIB_64 = 64 * 1024;
const embodied = OPERATIONS.filter((id) => routes[id].body !== noBody);
const people = embodied.filter((id) => routes[id].caller.kind === 'user');

describe('a body', () => {
  test('of 64 KB is taken, of a byte more refused, by bytes and not by characters', async () => {
    const here = await createExampleProject(backend);
    for (const id of people) {
      const { params, body } = EXAMPLES[id](here);
      const ask = (text: string) => backend.request(routes[id].method, pathOf(id, params), { body: text });
      const text = JSON.stringify(body);
      expect((await ask(text.padEnd(KIB_64, ' '))).status, id).toBeLessThan(300);
      expect((await ask(text.padEnd(KIB_64 + 1, ' '))).json).toMatchObject({ code: 'payload_too_large' });
      const wide = JSON.stringify({ ...body, more: 'é'.repeat(KIB_64 / 2) });
      expect((await ask(wide)).json).toMatchObject({ code: 'payload_too_large' });
    }
  });

  test('must be JSON by its type', async () => {
    const here = await createExampleProject(backend);
    for (const id of people) {
      const { params, body } = EXAMPLES[id](here);
      const ask = (type: string) =>
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
        expect((await ask(type)).json, `${id} ${type}`).toMatchObject({ code: 'unsupported_media_type' });
      }
      for (const type of [
        'application/json; charset=utf-8',
        'Application/JSON',
        'application/vnd.api+json',
      ]) {
        expect((await ask(type)).status, `${id} ${type}`).toBeLessThan(300);
      }
    }
  });

  test('must be JSON by its text', async () => {
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
    for (const id of people) {
      for (const text of texts) {
        const answer = await backend.request(routes[id].method, pathOf(id, EXAMPLES[id](here).params), {
          body: text,
        });
        expect(errorPaths(answer), `${id} ${text}`).toEqual(['']);
      }
    }
  });

  test('that is no object is refused, and so is each field that is not known', async () => {
    const here = await createExampleProject(backend);
    const before = await here.project.get(here.connection.id);
    for (const id of embodied) {
      const { params, body } = EXAMPLES[id](here);
      const more = await send(backend, id, { params, body: { ...body, more: 1, 'and.more': null } });
      expect(errorPaths(more), id).toEqual(['and.more', 'more']);
    }
    for (const id of people) {
      const path = pathOf(id, EXAMPLES[id](here).params);
      for (const text of ['[]', 'null', '"text"', '7', 'true', '[{"name":"x"}]']) {
        expect(errorPaths(await backend.request(routes[id].method, path, { body: text })), id).toEqual(['']);
      }
    }
    expect(await here.project.get(here.connection.id)).toEqual(before);
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
  test('of a query that a route does not know are refused, whatever the route', async () => {
    const here = await createExampleProject(backend);
    for (const id of OPERATIONS.filter((operation) => routes[operation].caller.kind !== 'engine')) {
      const answer = await send(backend, id, EXAMPLES[id](here), { query: '?more=1&constructor=2' });
      expect(errorPaths(answer), id).toEqual(['constructor', 'more']);
    }
    expect((await here.project.get(here.connection.id)).version).toBe(1);
  });

  test('of a list are held to their form', async () => {
    const project = await backend.createProject();
    for (const [query, paths] of QUERIES) {
      expect(errorPaths(await project.request('GET', `/connections?${query}`)), query).toEqual(paths);
    }
  });

  test('of the path, the query and the body are all told at once', async () => {
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

  test('of a path that cannot be decoded are refused before any route', async () => {
    const answer = await backend.request('GET', '/v1/providers/%ff');
    expect([answer.status, answer.json.code]).toEqual([400, 'invalid_request']);
  });
});

describe('a request', () => {
  test('to where there is no route is told so, with or without a token', async () => {
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
        const answer = await backend.request(method, path, { as });
        expect([answer.status, answer.json.code], path).toEqual([404, 'route_not_found']);
      }
    }
  });

  test('with headers beyond what the gateway takes is refused', async () => {
    const answer = await backend.request('GET', '/v1/projects', {
      headers: { 'x-padding': 'x'.repeat(11_000) },
    });
    expect([answer.status, answer.json.code]).toEqual([431, 'headers_too_large']);
  });
});
