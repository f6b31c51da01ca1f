import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

const WEB = import.meta.dirname;
/** Sources of the console: their folder, and the versions of its libraries. */
const LOCKFILE = join(WEB, '../package-lock.json');
const GENERATED = /(^|\/)(dist|node_modules)(\/|$)/;

/** The folder of the built console. */
export const CONSOLE_FILES = join(WEB, 'dist');

/**
 * Builds the console, which takes seconds, unless the last build is newer than its sources.
 *
 * @throws Error with vite's own message where a source does not compile.
 */
export async function buildConsole(): Promise<void> {
  if ((await builtAt()) > (await changedAt())) return;
  const vite = join(createRequire(import.meta.url).resolve('vite/package.json'), '../bin/vite.js');
  // A process of its own: vite's mode is a variable of the environment, which local mode's functions read too.
  const env = { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' };
  const build = promisify(execFile)(process.execPath, [vite, 'build', WEB, '--logLevel', 'error'], { env });
  await build.catch(({ stderr }: { readonly stderr: string }) => {
    throw new Error(`The console does not build.\n${stderr}`);
  });
}

/** Returns when the console was built, in milliseconds since the epoch; 0 where it never was. */
async function builtAt(): Promise<number> {
  try {
    return (await stat(join(CONSOLE_FILES, 'index.html'))).mtimeMs;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
}

async function changedAt(): Promise<number> {
  const files = (await readdir(WEB, { recursive: true })).filter((file) => !GENERATED.test(file));
  const changes = [LOCKFILE, ...files.map((file) => join(WEB, file))].map(
    async (file) => (await stat(file)).mtimeMs,
  );
  return Math.max(...(await Promise.all(changes)));
}
