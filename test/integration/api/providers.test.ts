import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { BUILT_IN_PROVIDERS, readProviders } from '../../../shared/catalog/compile.ts';
import { encodeCursor } from '../../../shared/domain/paging.ts';
import { TestBackend } from '../../harness/backend.ts';
import { errorPaths } from '../../harness/views.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

const list = z.object({
  items: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      category: z.string(),
      iconUrl: z.string(),
      available: z.boolean(),
      auth: z.looseObject({ type: z.string() }),
    }),
  ),
  nextCursor: z.nullable(z.string()),
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
    const internal = [
      '"baseUrl":',
      '"probe":',
      '"send"',
      'responseRules',
      'oauth2":{',
      '"tokenUrl":',
      '"client":',
    ];
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
    const query = 'limit=0&q=&sort=name&auth=token&available=yes';
    expect(errorPaths(await backend.request('GET', `/v1/providers?${query}`))?.toSorted()).toEqual([
      'auth',
      'available',
      'limit',
      'q',
      'sort',
    ]);
    expect(errorPaths(await backend.request('GET', '/v1/providers/trello?expand=all'))).toEqual(['expand']);
  });
});

describe('a page of providers', () => {
  const page = async (query: string) =>
    list.parse((await backend.request('GET', `/v1/providers?${query}`)).json);

  test('holds exactly its limit, and the pages together every provider once', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const next = await page(`limit=10${cursor && `&cursor=${cursor}`}`);
      if (next.nextCursor !== null) expect(next.items).toHaveLength(10);
      seen.push(...next.items.map(({ id }) => id));
      cursor = next.nextCursor;
    }
    expect(seen).toEqual((await providers()).map(({ id }) => id));
  });

  test('is the last one where its limit is the rest of the list', async () => {
    const all = await providers('?q=trello');
    expect(await page(`q=trello&limit=${all.length}`)).toEqual({ items: all, nextCursor: null });
    expect((await page('')).nextCursor).toBeNull();
  });

  test('without a limit continues to the end', async () => {
    const { items, nextCursor } = await page('limit=3');
    const rest = await page(`cursor=${nextCursor}`);
    expect([...items, ...rest.items]).toEqual(await providers());
  });

  test('continues after a provider that has left the catalog', async () => {
    const scope = { list: 'providers', q: '' };
    const cursor = encodeCursor('asanb Asana, renamed', scope);
    const { items } = await page(`cursor=${cursor}`);
    const all = await providers();
    expect(items).toEqual(all.filter(({ name }) => name.localeCompare('Asana, renamed', 'en') > 0));
    expect(items.length).toBeLessThan(all.length);
  });

  test.each(['', 'noname', ' name', 'id '])('is not after the position %j', async (position) => {
    const cursor = encodeCursor(position, { list: 'providers', q: '' });
    const response = await backend.request('GET', `/v1/providers?cursor=${cursor}`);
    expect(response.json).toMatchObject({ code: 'invalid_cursor' });
  });

  test.each(['q=a', 'category=ai', 'auth=oauth2', 'available=true'])(
    'does not continue with the filter %s that it began without',
    async (filter) => {
      const { nextCursor } = await page('limit=3');
      const response = await backend.request('GET', `/v1/providers?${filter}&cursor=${nextCursor}`);
      expect(response.json).toMatchObject({ code: 'invalid_cursor' });
    },
  );

  test('is filtered by how a provider authenticates', async () => {
    const all = await providers();
    for (const type of new Set(all.map(({ auth }) => auth.type))) {
      expect((await page(`auth=${type}`)).items).toEqual(all.filter(({ auth }) => auth.type === type));
    }
  });

  test('is filtered by what the platform can connect, with full pages', async () => {
    const all = await providers();
    for (const available of [true, false]) {
      const expected = all.filter((provider) => provider.available === available);
      expect((await page(`available=${available}`)).items).toEqual(expected);
      const first = await page(`available=${available}&limit=1`);
      expect(first.items).toEqual(expected.slice(0, 1));
      expect(first.nextCursor !== null).toBe(expected.length > 1);
    }
  });
});

describe('the ETag', () => {
  const get = (path: string, ifNoneMatch: string) =>
    backend.request('GET', path, { headers: { 'if-none-match': ifNoneMatch } });

  test.each(['/v1/providers', '/v1/providers?limit=2', '/v1/providers/trello'])(
    'of %s spares a second response with the same content',
    async (path) => {
      const first = await backend.request('GET', path);
      const etag = first.headers.get('etag') ?? '';
      expect(first.headers.get('cache-control')).toBe('private, no-cache');
      for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const second = await get(path, tags);
        expect([second.status, second.text, second.headers.get('etag')]).toEqual([304, '', etag]);
      }
      for (const tags of ['"other"', etag.replaceAll('"', ''), 'nonsense', '']) {
        expect((await get(path, tags)).text).toBe(first.text);
      }
    },
  );

  test('is another one for other content', async () => {
    const paths = [
      '/v1/providers',
      '/v1/providers?limit=2',
      '/v1/providers?q=trello',
      '/v1/providers/trello',
    ];
    const responses = await Promise.all(paths.map((path) => backend.request('GET', path)));
    expect(new Set(responses.map(({ headers }) => headers.get('etag'))).size).toBe(paths.length);
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
