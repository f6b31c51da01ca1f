import { cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BUILT_IN_PROVIDERS, compileInto, readProviders } from '../../shared/catalog/compile.ts';
import { CATALOG_FILES } from '../../shared/catalog/layout.ts';
import type { Capability } from '../../shared/contract/capabilities.ts';

/** Folder of the catalog in a function's package; `CATALOG_DIR` names it there. */
const CATALOG_FOLDER = 'catalog';

/** The part of the compiled catalog behind each of the catalog's capabilities. */
const PATHS: Readonly<Partial<Record<Capability, string>>> = {
  'catalog:summaries': dirname(CATALOG_FILES.summary('id')),
  'catalog:forms': dirname(CATALOG_FILES.form('id')),
  'catalog:entries': dirname(CATALOG_FILES.entry('id')),
  'catalog:list': CATALOG_FILES.list,
  'catalog:icons': dirname(CATALOG_FILES.icon('id')),
};

/**
 * Compiles the built-in providers, and an operator's own, which add to them and override them, into a folder.
 *
 * @throws CatalogError with a line for each problem: `<file>: <path>: <message>`.
 */
export function compileCatalog(out: string, ownProviders?: string): void {
  compileInto(out, foldersOf(ownProviders));
}

/** Returns the ids that no provider has. */
export function unknownProviders(ids: readonly string[], ownProviders?: string): readonly string[] {
  const known = new Set(readProviders(foldersOf(ownProviders)).map(({ entry }) => entry.id));
  return ids.filter((id) => !known.has(id));
}

function foldersOf(ownProviders: string | undefined): readonly string[] {
  return [BUILT_IN_PROVIDERS, ...(ownProviders === undefined ? [] : [ownProviders])];
}

/** Copies the parts of a compiled catalog that a function's capabilities declare into its package. */
export function addCatalog(
  compiled: string,
  packageFolder: string,
  capabilities: readonly Capability[],
): void {
  for (const capability of capabilities) {
    const path = PATHS[capability];
    if (path === undefined) continue;
    cpSync(join(compiled, path), join(packageFolder, CATALOG_FOLDER, path), { recursive: true });
  }
}
