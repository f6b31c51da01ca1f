import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Binding, encodeCursor } from '../../../shared/domain/paging.ts';
import { type Project, TestBackend, type TestConnection } from '../../harness/backend.ts';

let backend: TestBackend;
let project: Project;
let connected: TestConnection;
beforeAll(async () => {
  backend = await TestBackend.open();
  project = await backend.createProject();
  connected = await project.connect();
});
afterAll(() => backend.close());

/** What no list could have ended with: before or behind every key of it, too long, or of other items. */
const POSITIONS: Readonly<Record<string, string>> = {
  nothing: '',
  'what is behind everything': '~~',
  'what is before everything': '!',
  'the last character': '\u{10ffff}',
  'an end of an id': '#',
  'a step': '#STEP#step',
  'two ids': 'a#b',
  'a long id': 'x'.repeat(129),
  'a long name': `${'x'.repeat(1_000)}\u0001con_01a207bd-07e7-73b5-9990-496af12bf190`,
  'no name and no id': '\u0001',
  'half an id': 'name\u0001con_',
  'a name with an end within': 'name\u0001\u0001con_01a207bd-07e7-73b5-9990-496af12bf190',
};

/** A list of the API: where it is, and what ties its cursors to it. */
interface List {
  readonly path: (id: string) => string;
  readonly binding: (id: string) => Binding;
}

const connections = (sort: string, order: string): List => ({
  path: () => `/connections?sort=${sort}&order=${order}`,
  binding: () => ({ list: 'connections', sort, order }),
});
const search = (sort: string): List => ({
  path: () => `/connections?sort=${sort}&order=asc&q=x`,
  binding: () => ({ list: 'connections', sort, order: 'asc', q: 'x' }),
});

const LISTS: Readonly<Record<string, List>> = {
  'connections by age': connections('connectedAt', 'asc'),
  'connections by age, newest first': connections('connectedAt', 'desc'),
  'connections by name': connections('name', 'asc'),
  'connections by name, Z to A': connections('name', 'desc'),
  'a search by age': search('connectedAt'),
  'a search by name': search('name'),
  flows: { path: () => '/flows?', binding: () => ({ list: 'flows' }) },
  'the flows of a connection': {
    path: (connectionId) => `/flows?connectionId=${connectionId}`,
    binding: (connectionId) => ({ list: 'flows', connectionId }),
  },
  'a history': {
    path: (connectionId) => `/connections/${connectionId}/history?`,
    binding: (connectionId) => ({ list: 'history', connectionId }),
  },
};

describe.each(Object.entries(LISTS))('%s', (_, { path, binding }) => {
  test.each(Object.entries(POSITIONS))(
    'does not go on after %s, though the cursor is sealed',
    async (_name, position) => {
      const tied = { ...binding(connected.id), projectId: project.id };
      const cursor = encodeCursor(position, tied);
      const answer = await project.request('GET', `${path(connected.id)}&cursor=${cursor}`);
      expect([answer.status, answer.json.code]).toEqual([400, 'invalid_cursor']);
    },
  );

  test('goes on after what could have been its end', async () => {
    const id = 'con_ffffffff-ffff-7fff-bfff-ffffffffffff';
    const ends = [id, `name\u0001${id}`, 'a-flow', id.slice('con_'.length)];
    const responses = await Promise.all(
      ends.map(async (end) => {
        const cursor = encodeCursor(end, { ...binding(connected.id), projectId: project.id });
        return (await project.request('GET', `${path(connected.id)}&cursor=${cursor}`)).status;
      }),
    );
    expect(responses).toContain(200);
  });
});
