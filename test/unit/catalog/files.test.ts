import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openCatalog } from '../../../shared/adapters/catalog/files.ts';
import { compileInto } from '../../../shared/catalog/compile.ts';
import type { Catalog } from '../../../shared/catalog/schema.ts';
import { providerEntry, writeProviders } from '../../harness/provider-entry.ts';

vi.mock('node:fs', async (load) => {
  const fs = await load<typeof import('node:fs')>();
  return { ...fs, readFileSync: vi.fn(fs.readFileSync) };
});

const madeUp = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const number = String(index).padStart(3, '0');
    return providerEntry({ id: `made-up-${number}`, name: `Made-up provider with a usual name ${number}` });
  });

const scratch = mkdtempSync(join(tmpdir(), 'catalog-'));
const folders = new Map(
  [27, 300].map((count) => {
    const [own, out] = [join(scratch, `own-${count}`), join(scratch, `out-${count}`)];
    writeProviders(own, madeUp(count));
    compileInto(out, [own]);
    return [count, out] as const;
  }),
);
const out = folders.get(300) ?? '';
afterAll(() => rmSync(scratch, { recursive: true }));

const reads = vi.mocked(readFileSync);
beforeEach(() => {
  reads.mockClear();
});
const filesRead = (folder = out) => reads.mock.calls.map(([path]) => relative(folder, String(path)));

describe('a catalog of 300 providers', () => {
  it('reads nothing when it is opened, and one file for each provider that is used, once', () => {
    const catalog = openCatalog(out);
    expect(filesRead()).toEqual([]);
    for (const id of ['made-up-007', 'made-up-299', 'made-up-007']) {
      expect(catalog.summary(id)?.name).toContain(id.slice(-3));
      expect([catalog.form(id)?.id, catalog.get(id)?.id]).toEqual([id, id]);
      expect(catalog.icon(id)).toMatch(/^<svg/);
    }
    const parts = (id: string) => [
      `summaries/${id}.json`,
      `forms/${id}.json`,
      `entries/${id}.json`,
      `icons/${id}.svg`,
    ];
    expect(filesRead()).toEqual([...parts('made-up-007'), ...parts('made-up-299')]);
  });

  it('reads one file for the public list', () => {
    const catalog = openCatalog(out);
    expect(catalog.list()).toHaveLength(300);
    expect(catalog.list()).toBe(catalog.list());
    expect(filesRead()).toEqual(['list.json']);
  });

  it.each<[string, (catalog: Catalog, id: string) => unknown]>([
    ['a page of connections', (catalog, id) => catalog.summary(id)],
    ['a form', (catalog, id) => catalog.form(id)],
    ['a check', (catalog, id) => catalog.get(id)],
    ['an icon', (catalog, id) => catalog.icon(id)],
  ])('costs %s within 2 %% of the bytes that one of 27 costs', (_, use) => {
    const bytesRead = (count: number) => {
      reads.mockClear();
      const folder = folders.get(count) ?? '';
      const catalog = openCatalog(folder);
      for (const id of ['made-up-000', 'made-up-013', 'made-up-026']) expect(use(catalog, id)).toBeTruthy();
      return filesRead(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
    };
    expect(bytesRead(300) / bytesRead(27)).toBeCloseTo(1, 2);
  });
});

describe('an id that is not in the catalog', () => {
  it.each(['absent', 'constructor', '__proto__', 'toString', 'Made-up-007'])('is undefined: %s', (id) => {
    const catalog = openCatalog(out);
    expect([catalog.get(id), catalog.summary(id), catalog.icon(id)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each(['../summaries', '..', '.', '', 'a/b', 'made-up-007.json', 'a'.repeat(41), 'made\u0000'])(
    'reads no file where it could be a path: %j',
    (id) => {
      const catalog = openCatalog(out);
      expect([catalog.get(id), catalog.summary(id), catalog.form(id), catalog.icon(id)]).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
      expect(filesRead()).toEqual([]);
    },
  );

  it('is an error of the deployment where the folder is no catalog', () => {
    const catalog = openCatalog(join(scratch, 'absent'));
    expect(() => catalog.summary('trello')).toThrow(/ENOENT/);
    expect(() => catalog.list()).toThrow(/ENOENT/);
    expect(() => catalog.get('trello')).toThrow(/ENOENT/);
    expect(() => catalog.form('trello')).toThrow(/ENOENT/);
    expect(() => catalog.icon('trello')).toThrow(/ENOENT/);
  });
});
