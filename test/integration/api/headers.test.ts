import { afterAll, expect, test } from 'vitest';
import { TestBackend } from '../../harness/backend.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

/** Every header of a response but those of the connection and of the route, with what it must say. */
const SECURITY_HEADERS: Readonly<Record<string, RegExp>> = {
  'content-security-policy': /^default-src 'none';.* frame-ancestors 'none'; sandbox$/,
  'cross-origin-resource-policy': /^cross-origin$/,
  'referrer-policy': /^no-referrer$/,
  'strict-transport-security': /^max-age=\d{8,}; includeSubDomains$/,
  'x-content-type-options': /^nosniff$/,
};
const OF_ROUTE = new Set(['apigw-requestid', 'cache-control', 'content-type', 'etag']);
const OF_CONNECTION = new Set(['connection', 'content-length', 'date', 'keep-alive']);

test('responses and refusals have the security headers of an API, and those of pages are left out', async () => {
  const project = await backend.createProject();
  const { id } = await project.connect();
  for (const path of ['/connections', `/connections/${id}`, '/connections/missing', '/connections?limit=0']) {
    const { headers } = await project.request('GET', path);
    const others = [...headers].filter(([name]) => !OF_ROUTE.has(name) && !OF_CONNECTION.has(name));
    expect.soft(others.map(([name]) => name).sort(), path).toEqual(Object.keys(SECURITY_HEADERS));
    for (const [name, value] of others)
      expect.soft(value, `${name} of ${path}`).toMatch(SECURITY_HEADERS[name] ?? '');
  }
});
