import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  addCatalog,
  CATALOG_FOLDER,
  type CatalogPart,
  compileCatalog,
} from '../../../infra/bundle/catalog.ts';
import { openCatalog } from '../../../shared/adapters/catalog/files.ts';
import { providerEntry, writeProviders } from '../../fixtures/provider-entry.ts';

const scratch = mkdtempSync(join(tmpdir(), 'package-'));
const compiled = join(scratch, 'compiled');
writeProviders(join(scratch, 'own'), [providerEntry()]);
compileCatalog(compiled, join(scratch, 'own'));
afterAll(() => rmSync(scratch, { recursive: true }));

describe("the catalog in a function's package", () => {
  it.each<[CatalogPart, (catalog: ReturnType<typeof openCatalog>) => unknown]>([
    ['summaries', (catalog) => catalog.summary('acme')],
    ['entries', (catalog) => catalog.get('acme')],
    ['providers', (catalog) => catalog.list()],
    ['icons', (catalog) => catalog.icon('acme')],
  ])('holds %s where the function uses them, and is an error where it left them out', async (part, use) => {
    const folder = join(scratch, part);
    await addCatalog(compiled, folder, [part]);
    expect(use(openCatalog(join(folder, CATALOG_FOLDER)))).toBeTruthy();
    const without = join(scratch, `no-${part}`);
    const others: CatalogPart[] = ['summaries', 'entries', 'providers', 'icons'];
    await addCatalog(
      compiled,
      without,
      others.filter((other) => other !== part),
    );
    expect(() => use(openCatalog(join(without, CATALOG_FOLDER)))).toThrow(/ENOENT/);
  });
});
