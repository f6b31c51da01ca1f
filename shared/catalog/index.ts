import {
  BUILT_IN_PROVIDERS,
  type CompiledCatalog,
  compile,
  type ProviderSource,
  readProviders,
} from './compile.ts';
import type { Catalog } from './schema.ts';

/** Creates a catalog in memory, compiled at first use. */
function createCatalog(load: () => CompiledCatalog): Catalog {
  const compiled = memoize(load);
  return {
    get: (id) => compiled().entries.get(id),
    summary: (id) => compiled().summaries.get(id),
    form: (id) => compiled().forms.get(id),
    list: () => compiled().list,
    icon: (id) => compiled().icons.get(id),
  };
}

/** Reads the built-in providers from their files, validated once a process. */
export const builtInProviders: () => readonly ProviderSource[] = memoize(() =>
  readProviders([BUILT_IN_PROVIDERS]),
);

/** Catalog of the built-in providers, compiled from their files: for tools, tests and local mode. */
export const catalog = createCatalog(() => compile(builtInProviders()));

/** Returns the catalog of the built-in providers and those of further folders, which override them. */
export function catalogWith(folders: readonly string[]): Catalog {
  return createCatalog(() => compile(providersWith(folders)));
}

/**
 * Reads the built-in providers and those of further folders, which override them.
 *
 * @throws CatalogError with a line for each invalid part.
 */
export function providersWith(folders: readonly string[]): readonly ProviderSource[] {
  return readProviders([BUILT_IN_PROVIDERS, ...folders]);
}

/** Returns a function that loads a value at its first call. */
export function memoize<T>(load: () => T): () => T {
  let loaded: { readonly value: T } | undefined;
  return () => {
    loaded ??= { value: load() };
    return loaded.value;
  };
}
