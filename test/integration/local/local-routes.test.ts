import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { serveLocalRoute } from '../../../local/local-routes.ts';
import { close, listen } from '../../../local/loopback.ts';

const run = vi.fn(async (_name: string, _at: Date, _id?: string): Promise<unknown> => ({ done: 3 }));
const whenIdle = vi.fn(async () => undefined);
const options = {
  events: () => [{ id: 'older' }, { id: 'newer' }],
  background: () => ({ names: ['sweep-orphans'], run, whenIdle }),
};

const server = createServer(async (request, response) => {
  if (!(await serveLocalRoute(request, response, options))) response.writeHead(418).end('{}');
});
let url: string;
beforeAll(async () => {
  ({ url } = await listen(server));
});
afterAll(() => close(server));

async function send(method: string, path: string, body?: string) {
  const response = await fetch(url + path, { method, ...(body !== undefined && { body }) });
  const parsed: unknown = await response.json();
  return { status: response.status, body: z.record(z.string(), z.unknown()).parse(parsed) };
}

test('GET /local/events lists everything that reached the bus, newest last', async () => {
  expect(await send('GET', '/local/events')).toEqual({
    status: 200,
    body: { items: [{ id: 'older' }, { id: 'newer' }] },
  });
});

test('POST /local/schedules/{name} runs the function as of a time, and responds when its work is complete', async () => {
  const at = '2026-03-03T14:05:59.000Z';
  const { status, body } = await send('POST', '/local/schedules/sweep-orphans', JSON.stringify({ at }));
  expect([status, body]).toEqual([
    200,
    { id: expect.any(String), name: 'sweep-orphans', at, result: { done: 3 } },
  ]);
  expect(run).toHaveBeenLastCalledWith('sweep-orphans', new Date(at), body.id);
  expect(whenIdle).toHaveBeenCalledOnce();
});

test('POST /local/schedules/{name} takes the present time without a body', async () => {
  const { body } = await send('POST', '/local/schedules/sweep-orphans');
  expect(Math.abs(Date.now() - Date.parse(String(body.at)))).toBeLessThan(60_000);
});

test.each([
  ['an unknown name', '/local/schedules/nothing', '{}', 404, { schedules: ['sweep-orphans'] }],
  [
    'a time that is none',
    '/local/schedules/sweep-orphans',
    '{"at":"noon"}',
    400,
    { message: expect.any(String) },
  ],
  ['broken JSON', '/local/schedules/sweep-orphans', '{', 400, { message: expect.any(String) }],
])('refuses %s', async (_, path, body, status, expected) => {
  expect(await send('POST', path, body)).toEqual({ status, body: expected });
});

test('reports the error of the function', async () => {
  run.mockRejectedValueOnce(new Error('broken'));
  expect(await send('POST', '/local/schedules/sweep-orphans')).toEqual({
    status: 500,
    body: { message: 'broken' },
  });
});

test('leaves other requests to the API', async () => {
  expect((await send('GET', '/v1/projects')).status).toBe(418);
});
