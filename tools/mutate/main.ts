import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { mutate } from './mutations.ts';
import { allMutants, describe, drawSample, type Mutant } from './sample.ts';

const HELP = `Changes one place of the source at a time, and lists the changes that no test notices.

  npm run mutate -- --count 120 --results mutants.json

  --count <n>        how many changes, drawn from all; 120 unless given
  --seed <n>         other changes; 1 unless given
  --files <glob>     where; domain, runtime and adapters unless given
  --results <file>   keeps the results, so that a later run goes on; mutants.json unless given

Works in a copy, so that the project stays as it is. Each change takes from seconds to minutes: the tests that import
the changed file, and those of the API, run until the first fails. All must pass before; the results have how each
change was noticed.
`;

const FILES = 'shared/{domain,runtime,adapters}/**/*.ts';
/** Run after the others, which most changes fail in seconds. */
const SLOW = '**/integration/{protocols,checks}/**';
/** Tests that run the source without importing it: local mode loads its functions by their path. */
const OVER_HTTP = ['test/integration/api', 'test/integration/events'];
/** Longer than all related tests take on two cores. A change that lets a test loop for ever is noticed. */
const TIMEOUT_MS = 5 * 60_000;

/** By change, how the first test failed; null where none did. */
const results = z.record(z.string(), z.nullable(z.string()));
type Results = z.infer<typeof results>;

/** The part of Vitest's JSON report that names the first failure. */
const report = z.object({
  testResults: z.array(
    z.object({
      message: z.string(),
      assertionResults: z.array(
        z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
});

const root = join(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    files: { type: 'string', default: FILES },
    results: { type: 'string', default: 'mutants.json' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(HELP);
else await run();

async function run(): Promise<void> {
  const files = globSync(values.files, { cwd: root }).sort();
  const sample = drawSample(allMutants(root, files), Number(values.count), Number(values.seed));
  const copy = copyProject();
  try {
    const known = readResults();
    for (const [index, mutant] of sample.entries()) {
      const name = describe(root, mutant);
      const failure = name in known ? known[name] : await firstFailure(copy, mutant);
      known[name] = failure ?? null;
      writeFileSync(values.results, `${JSON.stringify(known, null, 2)}\n`);
      process.stdout.write(`${index + 1}/${sample.length}  ${failure ? 'noticed' : 'UNNOTICED'}  ${name}\n`);
    }
    printSummary(sample.map((mutant) => known[describe(root, mutant)]));
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** Copies what git tracks, with the working tree's changes. */
function copyProject(): string {
  const copy = mkdtempSync(join(tmpdir(), 'mutate-'));
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
  const files = tracked.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
  for (const file of files) cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

function readResults(): Results {
  return existsSync(values.results) ? results.parse(JSON.parse(readFileSync(values.results, 'utf8'))) : {};
}

/** Returns how the first test failed that runs the changed file; null where all pass. */
async function firstFailure(copy: string, mutant: Mutant): Promise<string | null> {
  const path = join(copy, mutant.file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, mutate(text, mutant));
  try {
    const related = ['related', mutant.file, '--run'];
    for (const args of [[...related, `--exclude=${SLOW}`], ['run', ...OVER_HTTP], related]) {
      const failure = await runTests(copy, args);
      if (failure !== null) return failure;
    }
    return null;
  } finally {
    writeFileSync(path, text);
  }
}

async function runTests(copy: string, args: readonly string[]): Promise<string | null> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const outputFile = join(copy, 'report.json');
  const options = ['--bail=1', '--reporter=json', `--outputFile=${outputFile}`];
  rmSync(outputFile, { force: true });
  if (await succeeds(copy, [vitest, ...args, ...options])) return null;
  if (!existsSync(outputFile)) return 'no report: the tests hung, or could not start';
  const { testResults } = report.parse(JSON.parse(readFileSync(outputFile, 'utf8')));
  const failed = testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed'),
  );
  const [first] = failed;
  if (first) return `${first.fullName}: ${first.failureMessages[0]?.split('\n')[0]}`;
  return testResults.find(({ message }) => message !== '')?.message.split('\n')[0] ?? 'a file failed to load';
}

/** Runs Node in a process group of its own, which ends as a whole: a worker in an endless loop takes no other signal. */
async function succeeds(cwd: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, args, { cwd, detached: true, stdio: 'ignore' });
  const group = -(child.pid ?? 0);
  const timer = setTimeout(() => process.kill(group, 'SIGKILL'), TIMEOUT_MS);
  const [code] = await once(child, 'exit');
  clearTimeout(timer);
  return code === 0;
}

function printSummary(outcomes: readonly (string | null | undefined)[]): void {
  const noticed = outcomes.filter((outcome) => typeof outcome === 'string').length;
  const share = ((100 * noticed) / outcomes.length).toFixed(0);
  process.stdout.write(`\n${noticed} of ${outcomes.length} changes noticed, ${share} %\n`);
}
