import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** The folders of `functions/` that hold entry files, and how deep those lie in them. */
const KINDS = { http: 2, authorizers: 1, schedules: 1, streams: 1, queues: 1, events: 1 } as const;

/** Output folder of the deployable functions: a folder each, at the path of its entry. */
export const BUNDLES = join(ROOT, 'dist/functions');

/** Base of every entry file's path. */
export const FUNCTIONS = join(ROOT, 'functions');

/** Every entry file below a folder, as `http/connections/rename`, in alphabetical order. */
export async function findEntries(functions: string): Promise<readonly string[]> {
  const files = await readdir(functions, { recursive: true });
  return files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .filter((entry) => {
      const [kind = '', ...below] = entry.split('/');
      return Object.entries(KINDS).some(([name, depth]) => name === kind && depth === below.length);
    })
    .sort();
}
