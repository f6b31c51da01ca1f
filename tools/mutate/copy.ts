import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Lists the files that git tracks and the working tree has. */
export function trackedFiles(root: string): readonly string[] {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
  return tracked.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
}

/** Copies files into a new folder that shares the project's packages, and returns the folder. */
export function copyProject(root: string, files: readonly string[]): string {
  const copy = mkdtempSync(join(tmpdir(), 'mutate-'));
  for (const file of files) cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}
