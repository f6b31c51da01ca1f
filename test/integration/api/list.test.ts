import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { ConnectionView } from '../../../shared/contract/http/schemas/connection.ts';
import { type Project, type Query, TestBackend, type TestConnection } from '../../harness/backend.ts';
import { readAllPages, withoutCheckTimes } from '../../harness/views.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

/** Names in the order of the list; those of one line fold to the same name. */
const NAMES = [
  ['!first'],
  ['#hash # CON#'],
  ['100% off_sale'],
  ['apple', 'Äpple', 'APPLE'],
  ['Cafe\u0301 Ålborg', 'café alborg'],
  ['Straße', 'STRASSE'],
  ['zebra "quoted" \\ back'],
  ['Ὀδυσσεύς', 'ΟΔΥΣΣΕΥΣ', 'οδυσσευσ'],
  ['日本語 カード'],
  ['ｆｕｌｌ width'],
  ['😀 astral'],
] as const;

const RANK = new Map<string, number>(
  NAMES.flatMap((names, rank) => names.map((name) => [name.normalize('NFC'), rank] as const)),
);
const rankOf = ({ name }: ConnectionView) => RANK.get(name) ?? -1;

const DAY_MS = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

/** Connects every name at three providers; a third becomes inactive, and some expire soon. */
async function populate(project: Project): Promise<readonly ConnectionView[]> {
  const made: TestConnection[] = [];
  for (const [index, name] of NAMES.flat().entries()) {
    const provider = ['trello', 'slack', 'github'][index % 3] ?? 'trello';
    const expiresAt = { trello: inDays(index % 2 === 0 ? 13 : 15), github: inDays(2) }[provider];
    made.push(await project.connect({ provider, name, ...(expiresAt && { expiresAt }) }));
  }
  await Promise.all(
    made.filter((_, index) => index % 3 === index % 2).map((one) => project.revokeAndCheck(one)),
  );
  return Promise.all(made.map(({ id }) => project.get(id)));
}

const byAge = (a: ConnectionView, b: ConnectionView) => (a.id < b.id ? -1 : 1);
const byName = (a: ConnectionView, b: ConnectionView) => rankOf(a) - rankOf(b) || byAge(a, b);

/** Model of the list: filters and sorts all connections. */
function expected(all: readonly ConnectionView[], query: Query): readonly ConnectionView[] {
  const { status, provider, expiring, sort = 'connectedAt' } = query;
  const { order = sort === 'name' ? 'asc' : 'desc' } = query;
  const ascending = all
    .filter((one) => status === undefined || one.status === status)
    .filter((one) => provider === undefined || one.provider.id === provider)
    .filter((one) => expiring === undefined || one.expiresSoon)
    .toSorted(sort === 'name' ? byName : byAge);
  return order === 'asc' ? ascending : ascending.toReversed();
}

const optional = (name: string, ...values: readonly string[]) =>
  fc.option(fc.constantFrom(...values), { nil: undefined }).map((value) => (value ? { [name]: value } : {}));

const filters = fc
  .tuple(
    optional('status', 'active', 'inactive'),
    optional('provider', 'trello', 'slack', 'github', 'notion'),
    optional('expiring', 'true'),
    optional('sort', 'name', 'connectedAt'),
    optional('order', 'asc', 'desc'),
  )
  .map((parts): Query => Object.assign({}, ...parts));

const limits = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 });

const SEARCHES: readonly (readonly [q: string, names: readonly string[]])[] = [
  ['STRASSE', ['Straße', 'STRASSE']],
  ['straße', ['Straße', 'STRASSE']],
  ['cafe', ['Café Ålborg', 'café alborg']],
  ['É ål', ['Café Ålborg', 'café alborg']],
  ['οδυσσευς', ['Ὀδυσσεύς', 'ΟΔΥΣΣΕΥΣ', 'οδυσσευσ']],
  ['ΣΕΎΣ', ['Ὀδυσσεύς', 'ΟΔΥΣΣΕΥΣ', 'οδυσσευσ']],
  ['0%', ['100% off_sale']],
  ['_', ['100% off_sale']],
  ['" \\ ', ['zebra "quoted" \\ back']],
  ['CON#', ['#hash # CON#']],
  ['con_', []],
  ['カード', ['日本語 カード']],
  ['ＦＵＬＬ', ['ｆｕｌｌ width']],
  ['😀', ['😀 astral']],
  ['nowhere', []],
];

describe('the connections of a project', () => {
  test('are listed once each, by every filter and order, in full pages of any size', async () => {
    const project = await backend.createProject();
    const all = await populate(project);
    const inactive = all.filter(({ status }) => status === 'inactive').length;
    const counts = { all: all.length, active: all.length - inactive, inactive };
    await fc.assert(
      fc.asyncProperty(filters, limits, async (query, sizes) => {
        const items = await readAllPages(async (part) => {
          const page = await project.list({ ...query, ...part });
          expect(page.counts).toEqual(counts);
          return page;
        }, sizes);
        expect(items.map(withoutCheckTimes)).toEqual(expected(all, query).map(withoutCheckTimes));
      }),
      { numRuns: 60, interruptAfterTimeLimit: 6_000 },
    );
  });

  test('are searched without regard to case and accents', async () => {
    const project = await backend.createProject();
    for (const name of NAMES.flat()) await project.connect({ name, provider: 'slack' });
    const counts = { all: 17, active: 17, inactive: 0 };
    for (const [q, names] of SEARCHES) {
      const { items } = await project.list({ q, sort: 'name' });
      expect
        .soft(
          items.map(({ name }) => name),
          q,
        )
        .toEqual(names);
      const inactive = await project.list({ q, status: 'inactive' });
      expect.soft(inactive, q).toEqual({ items: [], nextCursor: null, counts });
    }
  });

  test('are listed newest first, 25 a page, by default', async () => {
    const project = await backend.createProject();
    for (let made = 0; made < 26; made += 1) await project.connect();
    const first = await project.list();
    const second = await project.list({ cursor: first.nextCursor ?? '' });
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([25, 1, null]);
    const ids = [...first.items, ...second.items].map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted().toReversed());
    expect(await project.list({ limit: '26' })).toMatchObject({ nextCursor: null });
  });

  test('are an empty list with zero counts in a new project', async () => {
    const project = await backend.createProject();
    const nothing = { items: [], nextCursor: null, counts: { all: 0, active: 0, inactive: 0 } };
    expect(await project.list()).toEqual(nothing);
    expect(await project.list({ q: 'a', sort: 'name', expiring: 'true' })).toEqual(nothing);
  });

  test('have the same view as a single connection, also for members', async () => {
    const project = await backend.createProject();
    const { id } = await project.connect({ expiresAt: inDays(3) });
    const one = await project.request('GET', `/connections/${id}`, { as: 'member' });
    const list = await project.request('GET', '/connections', { as: 'member' });
    expect(one.json).toMatchObject({ id, projectId: project.id, status: 'active', expiresSoon: true });
    expect(list.json.items).toEqual([one.json]);
  });

  test('that are added or removed between pages neither hide nor repeat others', async () => {
    const project = await backend.createProject();
    const made: TestConnection[] = [];
    for (let index = 0; index < 8; index += 1) made.push(await project.connect({ name: `name ${index}` }));
    for (const query of [{}, { sort: 'name' }, { status: 'active', order: 'asc' }]) {
      const first = await project.list({ ...query, limit: '4' });
      const last = made.find(({ id }) => id === first.items.at(-1)?.id);
      if (!last) throw new Error('The page ends with an unknown connection.');
      await project.unlink(last.flowId, last.stepId);
      const others = made.filter((one) => one !== last);
      made.splice(0, made.length, ...others, await project.connect({ name: last.view.name }));
      const rest = await project.list({ ...query, cursor: first.nextCursor ?? '' });
      const seen = [...first.items, ...rest.items].map(({ id }) => id);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toEqual(expect.arrayContaining(others.map(({ id }) => id)));
    }
  });
});

describe('a cursor', () => {
  test('is refused when any character is altered', async () => {
    const project = await backend.createProject();
    for (const name of ['a', 'b', 'c']) await project.connect({ name });
    for (const query of [{}, { sort: 'name' }, { q: 'a' }, { status: 'active' }]) {
      const { nextCursor } = await project.list({ ...query, limit: '1' });
      if (nextCursor === null) continue;
      await fc.assert(
        fc.asyncProperty(
          fc.nat(nextCursor.length - 1),
          fc.constantFrom(...'Aa0-_'),
          async (at, character) => {
            const cursor = nextCursor.slice(0, at) + character + nextCursor.slice(at + 1);
            fc.pre(cursor !== nextCursor);
            expect((await requestList(project, { ...query, cursor })).json).toMatchObject({
              code: 'invalid_cursor',
            });
          },
        ),
        { numRuns: 15 },
      );
    }
  });

  test('is refused with other filters or order, in another list and in another project', async () => {
    const [project, other] = [await backend.createProject(), await backend.createProject()];
    for (const name of ['a1', 'a2']) {
      await project.connect({ name });
      await other.connect({ name });
    }
    const base = { limit: '1', q: 'a', status: 'active', provider: 'trello' };
    const { nextCursor } = await project.list(base);
    const cursor = nextCursor ?? '';
    const others = [
      { q: 'a1' },
      { status: 'inactive' },
      { provider: 'slack' },
      { expiring: 'true' },
      { sort: 'name' },
      { order: 'asc' },
    ];
    for (const change of others) {
      const response = await requestList(project, { ...base, ...change, cursor });
      expect([response.status, response.json.code]).toEqual([400, 'invalid_cursor']);
    }
    expect((await requestList(other, { ...base, cursor })).json).toMatchObject({ code: 'invalid_cursor' });
    const flows = await project.request('GET', `/flows?cursor=${cursor}`);
    expect(flows.json).toMatchObject({ code: 'invalid_cursor' });
    expect((await requestList(project, { ...base, cursor, limit: '7' })).status).toBe(200);
  });

  test.each(['AAAA', 'null', '%', '\u00e9', 'W10', 'x'.repeat(4096)])(
    'is refused if it is: %s',
    async (cursor) => {
      const project = await backend.createProject();
      expect((await requestList(project, { cursor })).json).toMatchObject({ code: 'invalid_cursor' });
    },
  );
});

function requestList(project: Project, query: Query) {
  return project.request('GET', `/connections?${new URLSearchParams(query)}`);
}
