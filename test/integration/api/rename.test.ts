import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { USERS } from '../../../local/users.ts';
import { TestBackend } from '../../harness/backend.ts';
import { errorPaths } from '../../harness/views.ts';

let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.open();
});
afterAll(() => backend.close());

describe('renaming a connection', () => {
  test('trims, composes, and changes nothing but the name', async () => {
    const project = await backend.createProject();
    const { id, view } = await project.connect();
    const answer = await project.request('PATCH', `/connections/${id}`, { body: { name: '  Cafe\u0301 ' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe('"2"');
    expect(answer.json).toEqual({ ...view, name: 'Café', version: 2, updatedAt: answer.json.updatedAt });
    expect(answer.json.updatedAt).not.toBe(view.updatedAt);
    expect(await project.get(id)).toEqual(answer.json);
  });

  test('takes any name of 1 to 128 characters', async () => {
    const project = await backend.createProject();
    const { id } = await project.connect();
    const padded = `${' '.repeat(500)}padded${' '.repeat(500)}`;
    for (const name of ['x', 'n'.repeat(128), '\u{1f600}'.repeat(128), padded, '"; --']) {
      const answer = await project.request('PATCH', `/connections/${id}`, { body: { name } });
      expect(answer.json).toMatchObject({ name: name.trim() });
    }
  });

  test('refuses what is no name, and changes nothing', async () => {
    const project = await backend.createProject();
    const { id, view } = await project.connect();
    const texts = ['', '   ', 'n'.repeat(129), 'two\nlines', 'null\u0000', '\u0085', '\u007f', 'half \ud83d'];
    for (const name of [...texts, 'n'.repeat(5000), null, 7, ['a']]) {
      const answer = await project.request('PATCH', `/connections/${id}`, { body: { name } });
      expect(errorPaths(answer), JSON.stringify(name)).toEqual(['name']);
    }
    expect(await project.get(id)).toEqual(view);
  });

  test('is found by its new name alone, and leaves one entry in the history', async () => {
    const project = await backend.createProject();
    const { id } = await project.connect({ name: 'Before' });
    await project.request('PATCH', `/connections/${id}`, { body: { name: 'After' } });
    expect((await project.list({ q: 'before' })).items).toEqual([]);
    expect((await project.list({ q: 'after', sort: 'name' })).items).toMatchObject([{ id, name: 'After' }]);
    const [newest] = (await project.history(id)).items;
    expect(newest).toMatchObject({
      type: 'renamed',
      actor: { type: 'user', id: USERS.administrator.id },
      from: { name: 'Before' },
      to: { name: 'After' },
    });
  });

  test('to the name that it has is no change', async () => {
    const project = await backend.createProject();
    const { id, view } = await project.connect({ name: 'Same' });
    const answer = await project.request('PATCH', `/connections/${id}`, { body: { name: ' Same ' } });
    expect(answer.json).toEqual(view);
    expect((await project.history(id)).items[0]?.type).toBe('linked');
  });

  test('lets two connections have one name', async () => {
    const project = await backend.createProject();
    const [one, two] = [await project.connect({ name: 'Twin' }), await project.connect({ name: 'Other' })];
    const answer = await project.request('PATCH', `/connections/${two.id}`, { body: { name: 'Twin' } });
    expect(answer.status).toBe(200);
    const twins = (await project.list({ q: 'twin', sort: 'name' })).items.map(({ id }) => id);
    expect(twins).toEqual([one.id, two.id]);
  });

  test('by many at once ends with each in the history and a version for each', async () => {
    const project = await backend.createProject();
    const { id } = await project.connect();
    const names = ['a', 'b', 'c', 'd'];
    const responses = await Promise.all(
      names.map((name) => project.request('PATCH', `/connections/${id}`, { body: { name } })),
    );
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(responses.map(({ json }) => json.version).toSorted()).toEqual([2, 3, 4, 5]);
    const renames = (await project.history(id)).items.filter(({ type }) => type === 'renamed');
    expect(renames.map(({ to }) => to?.name).toSorted()).toEqual(names);
    expect((await project.get(id)).name).toBe(renames[0]?.to?.name);
  });
});

describe('a connection that is not there', () => {
  test('or is of another project is not found, by any route', async () => {
    const [project, other] = [await backend.createProject(), await backend.createProject()];
    const { id, view } = await other.connect();
    const credentials = { apiKey: 'made-up', token: 'made-up' };
    for (const connectionId of [
      id,
      'con_00000000-0000-7000-8000-000000000000',
      'COUNTS',
      'MEMBER#ada',
      '%F0%9F%98%80',
    ]) {
      const path = `/connections/${encodeURIComponent(decodeURIComponent(connectionId))}`;
      const responses = [
        await project.request('GET', path),
        await project.request('PATCH', path, { body: { name: 'Mine' } }),
        await project.request('POST', `${path}/check`),
        await project.request('POST', `${path}/reconnect`, { body: { credentials } }),
        await project.request('GET', `${path}/history`),
        await project.request(
          'GET',
          `/flows?connectionId=${encodeURIComponent(decodeURIComponent(connectionId))}`,
        ),
      ];
      for (const answer of responses)
        expect(answer.json).toMatchObject({ status: 404, code: 'connection_not_found' });
    }
    expect(await other.get(id)).toEqual(view);
    expect((await other.history(id)).items).toHaveLength(2);
  });
});
