import type { Import } from './source.ts';

/** What a room may import of another: everything, or the types alone. */
type Grant = 'all' | 'types';

/** The language that providers are described in, as against the providers themselves. */
const DESCRIBING = /^shared\/catalog\/(schema|templates)\.ts$/;

/** Who may import whom; a room may always import itself. The one table of it. */
const TABLE: Readonly<Record<string, Readonly<Record<string, Grant>>>> = {
  catalog: {},
  store: { describing: 'all' },
  events: { describing: 'all' },
  domain: { describing: 'types', events: 'types' },
  routes: { describing: 'types', domain: 'all' },
  adapters: { describing: 'all', domain: 'all', store: 'all', events: 'all' },
  runtime: { describing: 'types', domain: 'all', routes: 'all', events: 'all' },
  functions: { runtime: 'all', routes: 'all', events: 'all', domain: 'all', catalog: 'all', wiring: 'all' },
  wiring: { runtime: 'all', routes: 'all', domain: 'all', catalog: 'all', adapters: 'all' },
  infra: { routes: 'all', events: 'all', store: 'all' },
  local: { functions: 'all', routes: 'all', store: 'all', catalog: 'all' },
  // Writes straight in the table, by the adapters' own writes rather than by a second account of the items.
  seed: { local: 'all', domain: 'all', routes: 'all', catalog: 'all', adapters: 'all' },
  web: {},
};

/** The room that a file lies in; undefined for a package and for a test. */
export function roomOf(file: string): string | undefined {
  if (DESCRIBING.test(file)) return 'describing';
  if (/^functions\/wiring(\.ts|\/)/.test(file)) return 'wiring';
  if (file.startsWith('local/seed/')) return 'seed';
  const room = /^(?:shared\/([^/]+)|(functions|infra|local|web))\//.exec(file);
  return room?.[1] ?? room?.[2];
}

/** Every import that the table does not allow, in words. */
export function trespasses(imports: readonly Import[]): readonly string[] {
  return imports.flatMap(({ from, to, typeOnly }) => {
    const here = roomOf(from);
    const there = to.startsWith('test/') ? 'test' : roomOf(to);
    if (here === undefined || there === undefined) return [];
    const grant = grantOf(here, there);
    if (grant === 'all' || (grant === 'types' && typeOnly)) return [];
    return [`${from} imports ${to}${grant === 'types' ? ' for more than its types' : ''}`];
  });
}

function grantOf(here: string, there: string): Grant | undefined {
  const home = here === 'describing' ? 'catalog' : here;
  if (home === there || (home === 'catalog' && there === 'describing')) return 'all';
  const row = TABLE[home] ?? {};
  return row[there] ?? (there === 'describing' ? row.catalog : undefined);
}
