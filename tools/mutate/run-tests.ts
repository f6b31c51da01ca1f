import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as z from 'zod';

/** The part of Vitest's JSON report that names failures. */
const jsonReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
});

/** A test file that failed, with the first line of its first failure. */
export interface Failure {
  readonly file: string;
  readonly message: string;
}

export interface RunOptions {
  /** Options of Vitest besides the files. */
  readonly options?: readonly string[];
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Seconds of CPU that a process may use; one in an endless loop ends then, and its test fails. */
  readonly cpuSeconds: number;
}

/** Longer than all tests take on a busy machine, in milliseconds. */
const TIMEOUT_MS = 60 * 60_000;

/**
 * Runs test files of a copy of the project, and returns those that fail.
 *
 * @throws Error when Vitest does not end within an hour, or leaves no report.
 */
export async function runTests(
  copy: string,
  files: readonly string[],
  { options = [], env, cpuSeconds }: RunOptions,
): Promise<readonly Failure[]> {
  const outputFile = join(copy, 'report.json');
  rmSync(outputFile, { force: true });
  const vitest = [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...files,
    '--config=tools/mutate/vitest.config.ts',
  ];
  const args = [...vitest, '--root=.', '--reporter=json', `--outputFile=${outputFile}`, ...options];
  const limited = ['-c', `ulimit -t ${Math.ceil(cpuSeconds)}; exec "$0" "$@"`, process.execPath, ...args];
  const child = spawn('sh', limited, {
    cwd: copy,
    env: { ...process.env, ...env },
    detached: true,
    stdio: 'ignore',
  });
  // A process group of its own ends as a whole, with the servers that tests started.
  const timer = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), TIMEOUT_MS);
  await once(child, 'exit');
  clearTimeout(timer);
  if (!existsSync(outputFile)) throw new Error(`Vitest left no report of ${files.length} files.`);
  return failuresIn(copy, outputFile);
}

/** Lists the files that failed; those last that did not end, because another one failed or their process did. */
function failuresIn(copy: string, outputFile: string): readonly Failure[] {
  const { testResults } = jsonReport.parse(JSON.parse(readFileSync(outputFile, 'utf8')));
  const failures = testResults
    .filter(({ status }) => status !== 'passed')
    .map(({ name, message, assertionResults }) => {
      const failed = assertionResults.find(({ status }) => status === 'failed');
      const text = failed ? `${failed.fullName}: ${failed.failureMessages[0]}` : message;
      return { file: relative(copy, name), message: text.split('\n')[0] || NOT_ENDED };
    });
  return failures.toSorted((a, b) => Number(a.message === NOT_ENDED) - Number(b.message === NOT_ENDED));
}

const NOT_ENDED = 'The file did not end.';
