import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Compressed bytes that a browser with an empty cache loads before it shows anything: script and style. */
const BUDGETS: readonly { readonly name: string; readonly page: string; readonly bytes: number }[] = [
  { name: 'Connections page of the console', page: 'web/dist/index.html', bytes: 150_000 },
  { name: 'connections/elements', page: 'dist/elements.js', bytes: 110_000 },
];

const ROOT = join(import.meta.dirname, '..');
const SCRIPT = /(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g;
/** Static imports alone: the others load later, if at all. */
const IMPORT = /(?:\bfrom|\bimport)\s*["'](\.{1,2}\/[^"']+)["']/g;

/** Returns a file and all files that load with it. */
async function loadedWith(file: string, seen = new Set<string>()): Promise<Set<string>> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = await readFile(file, 'utf8');
  const names = file.endsWith('.html')
    ? [...text.matchAll(SCRIPT)].map(([, path = '']) => join(file, '..', path))
    : [...text.matchAll(IMPORT)].map(([, path = '']) => join(file, '..', path));
  for (const name of names) await loadedWith(name, seen);
  return seen;
}

async function compressedSize(files: Iterable<string>): Promise<number> {
  const sizes = [...files]
    .filter((file) => /\.(js|css)$/.test(file))
    .map(async (file) => gzipSync(await readFile(file), { level: 9 }).byteLength);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

for (const { name, page, bytes } of BUDGETS) {
  const size = await compressedSize(await loadedWith(join(ROOT, page)));
  console.log(`${name}: ${(size / 1000).toFixed(1)} KB of ${bytes / 1000} KB, compressed`);
  if (size > bytes) process.exitCode = 1;
}
