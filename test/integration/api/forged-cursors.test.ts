import { afterAll, describe, expect, test } from 'vitest';
import { type CursorScope, encodeCursor } from '../../../shared/domain/paging.ts';
import { TestBackend } from '../../harness/backend.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());
const project = await backend.createProject();
const connection = await project.connect();

/** Positions that no page can have ended with: outside the list's keys, too long, or of other items. */
const POSITIONS: Readonly<Record<string, string>> = {
  'an empty position': '',
  'a position after all keys': '~~',
  'a position before all keys': '!',
  'the last character': '\u{10ffff}',
  'a separator': '#',
  'a step': '#STEP#step',
  'two ids': 'a#b',
  'a long id': 'x'.repeat(129),
  'a long name': `${'x'.repeat(1_000)}\u0001con_01a207bd-07e7-73b5-9990-496af12bf190`,
  'neither name nor id': '\u0001',
  'half an id': 'name\u0001con_',
  'a name with a separator in it': 'name\u0001\u0001con_01a207bd-07e7-73b5-9990-496af12bf190',
};

/** A list of the API, with the scope of its cursors. */
interface List {
  readonly path: (id: string) => string;
  readonly scope: (id: string) => CursorScope;
}

const connections = (sort: string, order: string): List => ({
  path: () => `/connections?sort=${sort}&order=${order}`,
  scope: () => ({ list: 'connections', sort, order }),
});
const search = (sort: string): List => ({
  path: () => `/connections?sort=${sort}&order=asc&q=x`,
  scope: () => ({ list: 'connections', sort, order: 'asc', q: 'x' }),
});

const LISTS: Readonly<Record<string, List>> = {
  'connections by age': connections('connectedAt', 'asc'),
  'connections by age, newest first': connections('connectedAt', 'desc'),
  'connections by name': connections('name', 'asc'),
  'connections by name, Z to A': connections('name', 'desc'),
  'a search by age': search('connectedAt'),
  'a search by name': search('name'),
  flows: { path: () => '/flows?', scope: () => ({ list: 'flows' }) },
  'the flows of a connection': {
    path: (connectionId) => `/flows?connectionId=${connectionId}`,
    scope: (connectionId) => ({ list: 'flows', connectionId }),
  },
  'a history': {
    path: (connectionId) => `/connections/${connectionId}/history?`,
    scope: (connectionId) => ({ list: 'history', connectionId }),
  },
};

describe.each(Object.entries(LISTS))('%s', (_, { path, scope }) => {
  test.each(Object.entries(POSITIONS))(
    'refuses a cursor with a valid digest and %s',
    async (_name, position) => {
      const cursor = encodeCursor(position, { ...scope(connection.id), projectId: project.id });
      const response = await project.request('GET', `${path(connection.id)}&cursor=${cursor}`);
      expect([response.status, response.json.code]).toEqual([400, 'invalid_cursor']);
    },
  );

  test('continues after a position that a page can have ended with', async () => {
    const id = 'con_ffffffff-ffff-7fff-bfff-ffffffffffff';
    const positions = [id, `name\u0001${id}`, 'a-flow', id.slice('con_'.length)];
    const responses = await Promise.all(
      positions.map(async (position) => {
        const cursor = encodeCursor(position, { ...scope(connection.id), projectId: project.id });
        return (await project.request('GET', `${path(connection.id)}&cursor=${cursor}`)).status;
      }),
    );
    expect(responses).toContain(200);
  });
});
