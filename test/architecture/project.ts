import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSource, type Source } from './source.ts';

/** Where the project lies on the machine that runs the test. */
export const ROOT = join(import.meta.dirname, '../..');

/** What is made rather than written. */
const MADE = /^(node_modules|dist|cdk\.out|coverage|\.git|\.local)(\/|$)|\/(node_modules|dist)(\/|$)/;

/** Every file that was written for the project, by its path in it. */
export async function projectFiles(): Promise<readonly string[]> {
  const top = await readdir(ROOT, { withFileTypes: true });
  const folders = top.filter((entry) => entry.isDirectory() && !MADE.test(entry.name));
  const below = await Promise.all(
    folders.map(async ({ name }) => {
      const entries = await readdir(join(ROOT, name), { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    }),
  );
  const files = below.flat().map((file) => file.slice(ROOT.length + 1));
  return [...top.filter((entry) => entry.isFile()).map(({ name }) => name), ...files]
    .filter((file) => !MADE.test(file))
    .sort();
}

/** The text of one of the project's files. */
export function textOf(file: string): Promise<string> {
  return readFile(join(ROOT, file), 'utf8');
}

/** Every TypeScript file of the backend, its infrastructure, local mode and tests. */
export async function projectSources(): Promise<readonly Source[]> {
  const files = await projectFiles();
  const sources = files.filter((file) => /^(shared|functions|infra|local|test)\/.*\.ts$/.test(file));
  return await Promise.all(sources.map(async (file) => readSource(file, await textOf(file))));
}
