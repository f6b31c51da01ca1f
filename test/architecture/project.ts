import { glob, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** The project's folder on the machine that runs the test. */
export const ROOT = join(import.meta.dirname, '../..');

/** Folders of generated files. */
const GENERATED = new Set(['node_modules', 'dist', 'cdk.out', 'coverage', '.git', '.local']);

/** Returns the path of every file that was written for the project, sorted. */
export async function projectFiles(): Promise<readonly string[]> {
  const exclude = ({ name }: { readonly name: string }) => GENERATED.has(name);
  const entries = await Array.fromAsync(
    glob(['**', '.*', '.*/**'], { cwd: ROOT, withFileTypes: true, exclude }),
  );
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();
}

/** Returns the text of a file of the project. */
export function textOf(file: string): Promise<string> {
  return readFile(join(ROOT, file), 'utf8');
}
