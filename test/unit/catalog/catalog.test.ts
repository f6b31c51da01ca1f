import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { catalogFaults } from '../../../local/catalog/check.ts';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import { services } from '../../../local/sandbox/services/index.ts';
import { entries } from '../../../shared/catalog/entries.ts';
import { iconOf } from '../../../shared/catalog/icons.ts';
import { catalog } from '../../../shared/catalog/index.ts';
import { loadCatalog } from '../../../shared/catalog/load.ts';

const files = readdirSync(new URL('../../../shared/catalog/providers/', import.meta.url))
  .map((file) => file.replace(/\.json$/, ''))
  .sort();

/** Bytes; icons are sent with every page of a list. */
const ICON_LIMIT = 12 * 1024;

describe('the catalogue', () => {
  it('loads every file of its folder and nothing else', () => {
    expect(Object.keys(entries).sort()).toEqual(files);
  });

  it('lists all of them by name', () => {
    const names = catalog.list().map(({ name }) => name);
    expect(names).toHaveLength(files.length);
    expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, 'en', { sensitivity: 'base' })));
  });

  it('knows no provider that it does not have', () => {
    expect(catalog.get('no-such-provider')).toBeUndefined();
    expect(catalog.get('constructor')).toBeUndefined();
  });

  it('fails loudly, naming the file and each path at fault', () => {
    const broken = loadCatalog({
      broken: { ...Object(entries.trello), id: 'broken', cadence: 'often', more: 1 },
    });
    expect(() => broken.get('broken')).toThrow(/providers\/broken\.json[\s\S]*cadence: must be one of hour/);
    expect(() => broken.list()).toThrow(/knows no more/);
  });

  it('takes no entry whose id is not its file name', () => {
    expect(() => loadCatalog({ other: entries.trello }).get('other')).toThrow(/id: is "trello"/);
  });
});

describe('the check of the files', () => {
  it('finds nothing at fault', () => {
    expect(catalogFaults()).toEqual([]);
  });

  it('tells what is not JSON, not listed, not valid and without an icon', () => {
    const folder = mkdtempSync(join(tmpdir(), 'providers-'));
    writeFileSync(join(folder, 'torn.json'), '{');
    writeFileSync(join(folder, 'trello.json'), '{}');
    const faults = catalogFaults(pathToFileURL(`${folder}/`)).join('\n');
    rmSync(folder, { recursive: true });
    expect(faults).toMatch(/torn\.json is not JSON/);
    expect(faults).toMatch(/torn\.json is not in shared\/catalog\/entries\.ts/);
    expect(faults).toMatch(/torn has no icon/);
    expect(faults).toMatch(/trello\.json is not a valid provider\n {2}id: must be of type string/);
  });
});

describe.each(files)('%s', (id) => {
  const provider = catalog.get(id);

  it('is valid, and named as its file', () => {
    expect(provider?.id).toBe(id);
  });

  it('has an icon that is small, sized and harmless', () => {
    const icon = iconOf(id) ?? '';
    expect(icon).toMatch(/^<svg [^>]*width="\d+" height="\d+"/);
    expect(Buffer.byteLength(icon)).toBeLessThanOrEqual(ICON_LIMIT);
    expect(icon).not.toMatch(/<script|<foreignObject|\son\w+\s*=|href|url\(\s*["']?https?:|data:/i);
  });

  it('has a stand-in in the sandbox, and sample credentials that fit its fields', () => {
    expect(services.map((service) => service.provider)).toContain(id);
    const sample = sampleCredentials(id);
    expect(Object.keys(sample).sort()).toEqual(provider?.auth.fields.map(({ name }) => name).sort());
    for (const { name, pattern = '' } of provider?.auth.fields ?? [])
      expect(sample[name]).toMatch(new RegExp(pattern));
  });
});
