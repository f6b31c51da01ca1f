import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CATALOG_FILES } from '../../catalog/layout.ts';
import type { Catalog, Provider, ProviderSummary, PublicProvider } from '../../catalog/schema.ts';

/** No other id reaches the file system. */
const ID = /^[a-z0-9-]{1,40}$/;

/**
 * Opens a compiled catalog. Each file is read at its first use and kept. Reads are synchronous: a file of the
 * function's own package takes less than a millisecond, and callers need no promise.
 *
 * A package may leave out parts of the catalog that its function does not use. Using one throws the file
 * system's error, as does a folder that is no compiled catalog.
 */
export function openCatalog(folder: string): Catalog {
  let list: readonly PublicProvider[] | undefined;
  return {
    get: cachedById((id) => readJsonIfPresent<Provider>(join(folder, CATALOG_FILES.entry(id)))),
    summary: cachedById((id) => readJsonIfPresent<ProviderSummary>(join(folder, CATALOG_FILES.summary(id)))),
    form: cachedById((id) => readJsonIfPresent<PublicProvider>(join(folder, CATALOG_FILES.form(id)))),
    list() {
      list ??= parse<readonly PublicProvider[]>(readFileSync(join(folder, CATALOG_FILES.list), 'utf8'));
      return list;
    },
    icon: cachedById((id) => readIfPresent(join(folder, CATALOG_FILES.icon(id)))),
  };
}

/** Caches by id. An absent id is not cached, so that requests for made-up ids take no memory. */
function cachedById<T>(load: (id: string) => T | undefined): (id: string) => T | undefined {
  const cache = new Map<string, T>();
  return (id) => {
    const value = cache.get(id) ?? (ID.test(id) ? load(id) : undefined);
    if (value !== undefined) cache.set(id, value);
    return value;
  };
}

/** Reads a file; undefined where its folder has none of this name, an error where there is no such folder. */
function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isAbsent && existsSync(dirname(path))) return undefined;
    throw error;
  }
}

function readJsonIfPresent<T>(path: string): T | undefined {
  const text = readIfPresent(path);
  return text === undefined ? undefined : parse<T>(text);
}

/** Parses the compiler's output, which was validated when it was compiled. */
function parse<T>(text: string): T {
  return JSON.parse(text);
}
