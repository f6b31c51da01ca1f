import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCatalog } from '../../../shared/adapters/catalog/files.ts';
import {
  BUILT_IN_PROVIDERS,
  CatalogError,
  compileInto,
  readProviders,
} from '../../../shared/catalog/compile.ts';
import { builtInProviders, catalog } from '../../../shared/catalog/index.ts';
import { ICON, providerEntry, writeProviders } from '../../harness/provider-entry.ts';

let scratch: string;
let own: string;
let out: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'catalog-'));
  own = join(scratch, 'own');
  out = join(scratch, 'out');
});
afterEach(() => rmSync(scratch, { recursive: true }));

/** Every file below a folder, with its content. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const paths = files.map((file) => join(file.parentPath, file.name)).sort();
  return Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path, 'utf8')]));
}

function issuesOf(...folders: string[]): string[] {
  try {
    readProviders(folders);
    return [];
  } catch (error) {
    if (!(error instanceof CatalogError)) throw error;
    expect(error.message.split('\n')).toHaveLength(error.issues.length);
    return error.message.split('\n').map((line) => line.replaceAll(`${own}/`, ''));
  }
}

describe('the compiled catalog', () => {
  it('is the built-in one, as the source is read', () => {
    compileInto(out, [BUILT_IN_PROVIDERS]);
    const compiled = openCatalog(out);
    expect(compiled.list()).toEqual(catalog.list());
    for (const { entry, icon } of builtInProviders()) {
      const { id, name, category, auth, cadence } = entry;
      expect(compiled.get(id)).toEqual(catalog.get(id));
      expect(compiled.summary(id)).toEqual({ name, category, authType: auth.type, cadence });
      expect(compiled.form(id)).toEqual(catalog.form(id));
      expect(compiled.icon(id)).toBe(icon);
    }
  });

  it('is the same bytes each time, without what was there before', () => {
    compileInto(out, [BUILT_IN_PROVIDERS]);
    const first = contents(out);
    writeFileSync(join(out, 'entries/removed.json'), '{}');
    compileInto(out, [BUILT_IN_PROVIDERS]);
    expect(contents(out)).toEqual(first);
  });

  it('keeps from an entry what verifying needs, and publishes what a form needs', () => {
    writeProviders(own, [providerEntry()]);
    compileInto(out, [own]);
    const files = contents(out);
    expect(Object.keys(files)).toEqual([
      'entries/acme.json',
      'forms/acme.json',
      'icons/acme.svg',
      'list.json',
      'summaries/acme.json',
    ]);
    expect(files['list.json']).toBe(`[${files['forms/acme.json']}]`);
    for (const left of ['examples', 'sources', 'docsUrl', 'help']) {
      expect(files['entries/acme.json']).not.toContain(`"${left}"`);
    }
    for (const inside of ['baseUrl', 'send', 'probe', 'responseRules', 'examples', 'sources', 'cadence']) {
      expect(files['list.json']).not.toContain(`"${inside}"`);
    }
  });
});

describe('a folder of an operator', () => {
  it('adds providers, and overrides entries and icons by file name', () => {
    writeProviders(own, [providerEntry(), providerEntry({ id: 'trello', name: 'Our Trello' })]);
    writeFileSync(join(own, 'github.svg'), ICON);
    writeFileSync(join(own, 'README.md'), 'Ours.');
    compileInto(out, [BUILT_IN_PROVIDERS, own]);
    const compiled = openCatalog(out);
    expect(compiled.list()).toHaveLength(catalog.list().length + 1);
    expect(compiled.summary('acme')?.name).toBe('Provider acme');
    expect([compiled.get('trello')?.name, compiled.icon('trello')]).toEqual(['Our Trello', ICON]);
    expect(compiled.get('github')).toEqual(catalog.get('github'));
    expect(compiled.icon('github')).toBe(ICON);
  });

  it('is refused with a line for each issue of each file, and nothing is written', () => {
    writeProviders(own, [providerEntry(), providerEntry({ id: 'other' }), providerEntry({ id: 'twin' })]);
    writeFileSync(join(own, 'torn.json'), '{');
    writeFileSync(join(own, 'torn.svg'), '<svg/>');
    writeFileSync(join(own, 'other.json'), JSON.stringify(providerEntry({ id: 'another' })));
    writeFileSync(
      join(own, 'twin.json'),
      JSON.stringify({ ...providerEntry({ id: 'twin' }), cadence: 7, x: 1 }),
    );
    writeFileSync(join(own, 'lonely.svg'), ICON);
    rmSync(join(own, 'acme.svg'));
    expect(issuesOf(own)).toEqual([
      'other.json: id: is another, but the file is named other.json',
      expect.stringMatching(/^torn\.json: \(entry\): is not JSON: /),
      'torn.svg: (icon): must be an svg element with width and height in whole pixels',
      expect.stringMatching(/^twin\.json: cadence: must be one of hour, six_hours, day$/),
      'twin.json: (entry): has no x',
      'acme.json: (icon): acme.svg is missing',
      'lonely.svg: (icon): no provider lonely',
    ]);
    expect(() => compileInto(out, [own])).toThrow(CatalogError);
    expect(() => statSync(out)).toThrow(/ENOENT/);
  });

  it('is refused in words where it does not exist', () => {
    expect(issuesOf(join(own, 'absent')).join()).toMatch(/^absent: \(folder\): ENOENT/);
  });

  it('is named from the working directory where it lies below it', () => {
    const [issue] = issuesOf('shared/absent');
    expect(issue).toMatch(/^shared\/absent: \(folder\): /);
  });
});
