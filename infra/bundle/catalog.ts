import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BUILT_IN_PROVIDERS, compileInto } from '../../shared/catalog/compile.ts';
import { CATALOG_FILES } from '../../shared/catalog/layout.ts';

/** Folder of the catalog in a function's package: `openCatalog(join(LAMBDA_TASK_ROOT, CATALOG_FOLDER))`. */
export const CATALOG_FOLDER = 'catalog';

/**
 * Part of the catalog that functions use: `summaries` for lists and views, `entries` to verify and check
 * credentials, `providers` and `icons` for the routes below `/v1/providers`.
 */
export type CatalogPart = 'summaries' | 'entries' | 'providers' | 'icons';

const PATHS: Readonly<Record<CatalogPart, string>> = {
  summaries: CATALOG_FILES.summaries,
  entries: dirname(CATALOG_FILES.entry('id')),
  providers: CATALOG_FILES.providers,
  icons: dirname(CATALOG_FILES.icon('id')),
};

/**
 * Compiles the built-in providers, and an operator's own, which add to them and override them, into a folder.
 *
 * @throws CatalogError with a line for each problem: `<file>: <path>: <message>`.
 */
export function compileCatalog(out: string, ownProviders?: string): void {
  compileInto(out, [BUILT_IN_PROVIDERS, ...(ownProviders === undefined ? [] : [ownProviders])]);
}

/** Copies the parts of a compiled catalog that a function uses into its package. */
export async function addCatalog(
  compiled: string,
  packageFolder: string,
  parts: readonly CatalogPart[],
): Promise<void> {
  for (const part of parts) {
    const path = PATHS[part];
    await cp(join(compiled, path), join(packageFolder, CATALOG_FOLDER, path), { recursive: true });
  }
}
