import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openCatalog } from '../../../shared/adapters/catalog/files.ts';
import { BUILT_IN_PROVIDERS, compileInto } from '../../../shared/catalog/compile.ts';
import { providerEntry, writeProviders } from '../../harness/provider-entry.ts';

vi.mock('node:fs', async (load) => {
  const fs = await load<typeof import('node:fs')>();
  return { ...fs, readFileSync: vi.fn(fs.readFileSync) };
});

/**
 * Bytes of summaries.json for each provider: what a function that lists connections parses when it starts.
 */
const SUMMARY_LIMIT = 160;

const MADE_UP = Array.from({ length: 300 }, (_, index) => {
  const number = String(index).padStart(3, '0');
  return providerEntry({ id: `made-up-${number}`, name: `Made-up provider with a usual name ${number}` });
});

const scratch = mkdtempSync(join(tmpdir(), 'catalog-'));
const own = join(scratch, 'own');
const out = join(scratch, 'out');
writeProviders(own, MADE_UP);
compileInto(out, [BUILT_IN_PROVIDERS, own]);
afterAll(() => rmSync(scratch, { recursive: true }));

const reads = vi.mocked(readFileSync);
beforeEach(() => {
  reads.mockClear();
});
const filesRead = () => reads.mock.calls.map(([path]) => relative(out, String(path)));

describe('a catalog of more than 300 providers', () => {
  it('reads nothing when it is opened, and one file for all summaries', () => {
    const catalog = openCatalog(out);
    expect(filesRead()).toEqual([]);
    for (const { id, name } of MADE_UP) expect(catalog.summary(id)?.name).toBe(name);
    expect(filesRead()).toEqual(['summaries.json']);
  });

  it('reads one file for each entry that is used, once', () => {
    const catalog = openCatalog(out);
    catalog.summary('made-up-007');
    for (const id of ['made-up-007', 'trello', 'made-up-007']) expect(catalog.get(id)?.id).toBe(id);
    expect(filesRead()).toEqual(['summaries.json', 'entries/made-up-007.json', 'entries/trello.json']);
  });

  it('reads one file for the public list, and one for each icon', () => {
    const catalog = openCatalog(out);
    expect(catalog.list()).toHaveLength(catalog.list().length);
    expect(catalog.list().length).toBeGreaterThan(MADE_UP.length);
    for (const id of ['trello', 'made-up-299', 'trello']) expect(catalog.icon(id)).toMatch(/^<svg/);
    expect(filesRead()).toEqual(['providers.json', 'icons/trello.svg', 'icons/made-up-299.svg']);
  });

  it('takes few bytes for each summary', () => {
    const providers = openCatalog(out).list().length;
    expect(statSync(join(out, 'summaries.json')).size / providers).toBeLessThan(SUMMARY_LIMIT);
  });
});

describe('an id that is not in the catalog', () => {
  it.each(['absent', 'constructor', '__proto__', 'toString', 'Trello'])('is undefined: %s', (id) => {
    const catalog = openCatalog(out);
    expect([catalog.get(id), catalog.summary(id), catalog.icon(id)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each(['../summaries', '..', '.', '', 'a/b', 'trello.json', 'a'.repeat(41), 'tr\u0000'])(
    'reads no file where it could be a path: %j',
    (id) => {
      const catalog = openCatalog(out);
      expect([catalog.get(id), catalog.icon(id)]).toEqual([undefined, undefined]);
      expect(filesRead()).toEqual([]);
    },
  );

  it('is an error of the deployment where the folder is no catalog', () => {
    const catalog = openCatalog(join(scratch, 'absent'));
    expect(() => catalog.summary('trello')).toThrow(/ENOENT/);
    expect(() => catalog.list()).toThrow(/ENOENT/);
    expect(() => catalog.get('trello')).toThrow(/ENOENT/);
    expect(() => catalog.icon('trello')).toThrow(/ENOENT/);
  });
});
