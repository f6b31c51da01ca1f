import { afterAll, describe, expect, test } from 'vitest';
import { USERS } from '../../../local/users.ts';
import { TestBackend } from '../../harness/backend.ts';
import { errorPaths } from '../../harness/views.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

describe('renaming a connection', () => {
  test('normalizes the name, and changes nothing else', async () => {
    const project = await backend.createProject();
    const { id, view } = await project.connect();
    const response = await project.request('PATCH', `/connections/${id}`, {
      body: { name: '  Cafe\u0301 ' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('etag')).toBe('"2"');
    expect(response.json).toEqual({ ...view, name: 'Café', version: 2, updatedAt: response.json.updatedAt });
    expect(response.json.updatedAt).not.toBe(view.updatedAt);
    expect(await project.get(id)).toEqual(response.json);
  });

  test('accepts any name of 1 to 128 characters', async () => {
    const project = await backend.createProject();
    const { id } = await project.connect();
    const padded = `${' '.repeat(500)}padded${' '.repeat(500)}`;
    for (const name of ['x', 'n'.repeat(128), '\u{1f600}'.repeat(128), padded, '"; --']) {
      const response = await project.request('PATCH', `/connections/${id}`, { body: { name } });
      expect(response.json).toMatchObject({ name: name.trim() });
    }
  });

  test('refuses invalid names, and changes nothing', async () => {
    const project = await backend.createProject();
    const { id, view } = await project.connect();
    const texts = ['', '   ', 'n'.repeat(129), 'two\nlines', 'null\u0000', '\u0085', '\u007f', 'half \ud83d'];
    for (const name of [...texts, 'n'.repeat(5000), null, 7, ['a']]) {
      const response = await project.request('PATCH', `/connections/${id}`, { body: { name } });
      expect(errorPaths(response), JSON.stringify(name)).toEqual(['name']);
    }
    expect(await project.get(id)).toEqual(view);
  });

  test('moves the connection in searches, and writes one history entry', async () => {
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

  test('to the current name changes nothing', async () => {
    const project = await backend.createProject();
    const { id, view } = await project.connect({ name: 'Same' });
    const response = await project.request('PATCH', `/connections/${id}`, { body: { name: ' Same ' } });
    expect(response.json).toEqual(view);
    expect((await project.history(id)).items[0]?.type).toBe('linked');
  });

  test('allows two connections with the same name', async () => {
    const project = await backend.createProject();
    const [one, two] = [await project.connect({ name: 'Twin' }), await project.connect({ name: 'Other' })];
    const response = await project.request('PATCH', `/connections/${two.id}`, { body: { name: 'Twin' } });
    expect(response.status).toBe(200);
    const twins = (await project.list({ q: 'twin', sort: 'name' })).items.map(({ id }) => id);
    expect(twins).toEqual([one.id, two.id]);
  });

  test('several times at once gives each its version and history entry', async () => {
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

describe('an unknown connection', () => {
  test('is not found by any route, like one of another project', async () => {
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
      for (const response of responses)
        expect(response.json).toMatchObject({ status: 404, code: 'connection_not_found' });
    }
    expect(await other.get(id)).toEqual(view);
    expect((await other.history(id)).items).toHaveLength(2);
  });
});
