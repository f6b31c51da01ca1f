import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { addCatalog, compileCatalog, unknownProviders } from '../../../infra/bundle/catalog.ts';
import { openCatalog } from '../../../shared/adapters/catalog/files.ts';
import type { Capability } from '../../../shared/contract/capabilities.ts';
import { providerEntry, writeProviders } from '../../harness/provider-entry.ts';

const scratch = mkdtempSync(join(tmpdir(), 'package-'));
const compiled = join(scratch, 'compiled');
writeProviders(join(scratch, 'own'), [providerEntry()]);
compileCatalog(compiled, join(scratch, 'own'));
afterAll(() => rmSync(scratch, { recursive: true }));

type UseCatalog = (catalog: ReturnType<typeof openCatalog>) => unknown;

const USES: readonly (readonly [Capability, UseCatalog])[] = [
  ['catalog:summaries', (catalog) => catalog.summary('acme')],
  ['catalog:forms', (catalog) => catalog.form('acme')],
  ['catalog:entries', (catalog) => catalog.get('acme')],
  ['catalog:list', (catalog) => catalog.list()],
  ['catalog:icons', (catalog) => catalog.icon('acme')],
];

describe("the catalog in a function's package", () => {
  it.each(USES)('has the part of %s where it is declared, and fails without it', async (capability, use) => {
    const folder = join(scratch, capability);
    await addCatalog(compiled, folder, ['table:read', capability]);
    expect(use(openCatalog(join(folder, 'catalog')))).toBeTruthy();
    const without = join(scratch, `without-${capability}`);
    const others = USES.map(([other]) => other).filter((other) => other !== capability);
    await addCatalog(compiled, without, others);
    expect(() => use(openCatalog(join(without, 'catalog')))).toThrow(/ENOENT/);
  });
});

describe('a folder of own providers', () => {
  it('is refused with one line for each problem, naming the file and the path', () => {
    const own = join(scratch, 'invalid');
    writeProviders(own, [{ ...providerEntry(), baseUrl: 'http://acme.example' }]);
    expect(() => compileCatalog(join(scratch, 'none'), own)).toThrow(/^\S*acme\.json: baseUrl: [^\n]+$/);
  });
});

it('finds names that are no provider, built-in or own', () => {
  expect(unknownProviders(['trello', 'acme', 'hubsopt'], join(scratch, 'own'))).toEqual(['hubsopt']);
  expect(unknownProviders(['trello', 'acme'])).toEqual(['acme']);
});
