/** Checks the catalogue's files: `node local/catalog/check.ts`. Tells every fault and exits with 1. */
import { readdirSync, readFileSync } from 'node:fs';
import { entries } from '../../shared/catalog/entries.ts';
import { iconOf } from '../../shared/catalog/icons.ts';
import { loadCatalog } from '../../shared/catalog/load.ts';

const PROVIDERS = new URL('../../shared/catalog/providers/', import.meta.url);

/** What is wrong with the provider files of a folder, a fault each; none when all is well. */
export function catalogFaults(folder: URL = PROVIDERS): string[] {
  const ids = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));
  const missing = Object.keys(entries).filter((id) => folder === PROVIDERS && !ids.includes(id));
  return [
    ...missing.map((id) => `shared/catalog/entries.ts names ${id}, which has no file`),
    ...ids.flatMap((id) => [
      ...fileFaults(id, new URL(`${id}.json`, folder)),
      ...(Object.hasOwn(entries, id) ? [] : [`${id}.json is not in shared/catalog/entries.ts`]),
      ...(iconOf(id) === undefined ? [`${id} has no icon: run node local/catalog/extract-icons.ts`] : []),
    ]),
  ];
}

function fileFaults(id: string, file: URL): string[] {
  try {
    loadCatalog({ [id]: JSON.parse(readFileSync(file, 'utf8')) }).get(id);
    return [];
  } catch (error) {
    return [error instanceof SyntaxError ? `${id}.json is not JSON: ${error.message}` : messageOf(error)];
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

if (import.meta.main) {
  const faults = catalogFaults();
  console.log(faults.length === 0 ? `${Object.keys(entries).length} providers, no fault` : faults.join('\n'));
  process.exitCode = faults.length === 0 ? 0 : 1;
}
