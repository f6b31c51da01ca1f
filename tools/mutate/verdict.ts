import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { blockAround } from './blocks.ts';
import { mutate } from './mutations.ts';
import type { RecordedTests } from './record.ts';
import { type Failure, runTests } from './run-tests.ts';
import type { Mutant } from './sample.ts';

/** The outcome of a change. */
export const verdict = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('noticed'), test: z.string(), message: z.string() }),
  /** Passes the quicker tests that execute its place, and does not compile. */
  z.object({ kind: z.literal('refused'), message: z.string() }),
  /** Passes all tests that execute its place: so many files. */
  z.object({ kind: z.literal('unnoticed'), tests: z.number() }),
]);

export type Verdict = z.output<typeof verdict>;

/** The seconds of each group of tests: most changes fail in the first, before the slow tests start. */
const GROUP_SECONDS = [15, 90, Number.POSITIVE_INFINITY];

/** Test files, and how long they take one after the other. */
export interface TestGroup {
  readonly files: readonly string[];
  readonly seconds: number;
}

/** Lists the test files that execute a change's place, the quickest first, in up to three groups. */
export function testGroups(copy: string, mutant: Mutant, tests: RecordedTests): readonly TestGroup[] {
  const block = blockAround(mutant.file, readFileSync(join(copy, mutant.file), 'utf8'), mutant);
  const left = Object.entries(tests)
    .filter(([, { blocks }]) => blocks.includes(block))
    .map(([file, { seconds }]) => ({ file, seconds }))
    .sort((a, b) => a.seconds - b.seconds);
  return GROUP_SECONDS.map((limit) => takeGroup(left, limit)).filter(({ files }) => files.length > 0);
}

/** Takes the first of the tests that are left: at least one, and more while they end within so many seconds. */
function takeGroup(left: TimedFile[], limit: number): TestGroup {
  const files: string[] = [];
  let seconds = 0;
  for (let next = left[0]; next && (files.length === 0 || seconds + next.seconds <= limit); next = left[0]) {
    left.shift();
    files.push(next.file);
    seconds += next.seconds;
  }
  return { files, seconds };
}

/**
 * Runs tests with a change, and returns the first failure. A test that times out fails only if it does so again, and not
 * without the change.
 *
 * @throws Error when the tests do not end.
 */
export async function firstFailure(
  copy: string,
  mutant: Mutant,
  { files, seconds }: TestGroup,
): Promise<Failure | undefined | 'undecided'> {
  const run = (some: readonly string[]) =>
    runTests(copy, some, { options: ['--bail=1'], cpuSeconds: 3 * seconds + 60 });
  const runChanged = (some: readonly string[]) => withChange(copy, mutant, () => run(some));
  const [failure] = await runChanged(files);
  if (!failure?.message.includes('timed out')) return failure;
  const [[unchanged], [again]] = [await run([failure.file]), await runChanged([failure.file])];
  return unchanged || !again ? 'undecided' : failure;
}

/** Returns the first error of the compiler with a change, if there is one. */
export function compilerError(copy: string, mutant: Mutant): Promise<string | undefined> {
  return withChange(copy, mutant, async () => {
    const { stdout } = spawnSync('node_modules/.bin/tsc', ['--noEmit', '-p', '.'], {
      cwd: copy,
      encoding: 'utf8',
    });
    return stdout.split('\n').find((line) => line.includes('error TS'));
  });
}

async function withChange<T>(copy: string, mutant: Mutant, run: () => Promise<T>): Promise<T> {
  const path = join(copy, mutant.file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, mutate(text, mutant));
  try {
    return await run();
  } finally {
    writeFileSync(path, text);
  }
}

interface TimedFile {
  readonly file: string;
  readonly seconds: number;
}
