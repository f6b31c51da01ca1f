import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { BUILT_IN_PROVIDERS, readProviders } from '../../../shared/catalog/compile.ts';
import { TestBackend } from '../../harness/backend.ts';
import { errorPaths } from '../../harness/views.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

const list = z.object({
  items: z.array(
    z.looseObject({ id: z.string(), name: z.string(), category: z.string(), iconUrl: z.string() }),
  ),
});

async function providers(query = '') {
  return list.parse((await backend.request('GET', `/v1/providers${query}`, { as: 'outsider' })).json).items;
}

describe('the providers', () => {
  test('are those of the catalog, by name, for every user', async () => {
    const items = await providers();
    expect(items.map(({ id }) => id).toSorted()).toEqual(
      readProviders([BUILT_IN_PROVIDERS]).map(({ entry }) => entry.id),
    );
    const names = items.map(({ name }) => name.toLowerCase());
    expect(names).toEqual(names.toSorted());
  });

  test('have the fields of their form, and nothing about their requests', async () => {
    const response = await backend.request('GET', '/v1/providers/jira');
    expect(response.json).toMatchObject({
      id: 'jira',
      name: 'Jira',
      category: 'project_management',
      iconUrl: `${backend.session.apiUrl}/v1/providers/jira/icon.svg`,
      docsUrl: expect.stringMatching(/^https:/),
      auth: {
        type: 'basic',
        fields: [
          { name: 'site', secret: false, required: true, placeholder: 'your-company' },
          { name: 'email', secret: false, required: true },
          { name: 'apiToken', secret: true, required: true },
        ],
      },
    });
    expect(response.json).toEqual((await providers('?q=jira'))[0]);
    const text = JSON.stringify(await providers());
    const internal = ['baseUrl', 'probe', '"send"', 'responseRules', 'oauth2":{', 'tokenUrl', '"client"'];
    for (const name of internal) {
      expect(text).not.toContain(name);
    }
  });

  test.each([
    ['?q=TRELL', ['trello']],
    ['?q=tr%C3%A9llo', ['trello']],
    ['?q=nosuchservice', []],
    ['?q=trello&category=ai', []],
    ['?category=nosuchcategory', []],
  ])('are searched without regard to case and accents, and by category: %s', async (query, ids) => {
    expect((await providers(query)).map(({ id }) => id)).toEqual(ids);
  });

  test('of a category are all of its providers and no others', async () => {
    const all = await providers();
    for (const category of new Set(all.map((provider) => provider.category))) {
      const expected = all.filter((provider) => provider.category === category);
      expect(await providers(`?category=${category}`)).toEqual(expected);
    }
  });

  test('that do not exist are not found; nor are properties of every object', async () => {
    for (const id of ['nosuch', 'constructor', '__proto__', 'toString', 'TRELLO', 'tr%20ello']) {
      for (const path of [`/v1/providers/${id}`, `/v1/providers/${id}/icon.svg`]) {
        expect((await backend.request('GET', path)).json).toMatchObject({ code: 'provider_not_found' });
      }
    }
  });

  test('refuse unknown parameters', async () => {
    expect(errorPaths(await backend.request('GET', '/v1/providers?limit=5&q='))).toEqual(['limit', 'q']);
    expect(errorPaths(await backend.request('GET', '/v1/providers/trello?expand=all'))).toEqual(['expand']);
  });
});

describe('an icon', () => {
  test('is a public image without scripts, cached for a day', async () => {
    for (const { id } of await providers()) {
      const response = await backend.request('GET', `/v1/providers/${id}/icon.svg`, { as: 'anonymous' });
      expect(response.status).toBe(200);
      expect(response.text).toMatch(/^<svg[\s>].*<\/svg>\s*$/s);
      expect(response.text).not.toMatch(/<script|\son\w+=|javascript:|<foreignObject/i);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'image/svg+xml',
        'cache-control': 'public, max-age=86400',
        'cross-origin-resource-policy': 'cross-origin',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
    }
  });

  test('is at the address in its provider', async () => {
    const [first] = await providers();
    const response = await fetch(first?.iconUrl ?? '');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
  });

  test('of an unknown provider is not cached', async () => {
    const response = await backend.request('GET', '/v1/providers/nosuch/icon.svg', { as: 'anonymous' });
    expect(response.status).toBe(404);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });
});
