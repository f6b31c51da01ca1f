import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { blockName, blocksOf } from './blocks.ts';
import { copyProject, trackedFiles } from './copy.ts';
import { type RecordedTests, recordTests } from './record.ts';
import { allMutants, describe, drawSample, type Mutant } from './sample.ts';
import { compilerError, firstFailure, testGroups, type Verdict, verdict } from './verdict.ts';

const HELP = `Changes one place of the source at a time, and lists the changes that no test notices.

  npm run mutate -- --count 120

  --count <n>        how many changes, drawn from all; 120 unless given
  --seed <n>         other changes; 1 unless given
  --files <glob>     where; domain, runtime and adapters unless given
  --results <file>   keeps the results, so that a later run goes on; mutants.json unless given
  --unexecuted       lists the functions, branches and operands that no test executes, and changes nothing
  --again            runs the unnoticed changes again, as after a new test
  --executed <file>  keeps what each test executes; mutants-executed.json unless given

Works in a copy, so that the project stays as it is. The first run records which functions, branches and operands each
test file executes, also in the processes that it starts; later runs record only what changed. A change then runs the
test files that execute its place, the quickest first, until one fails. What the quicker tests do not notice is compiled
before the slow ones run: the compiler may refuse it. The results have how each change was noticed. A change stays undecided when a test times out
that also times out without the change: run again on a machine that is less busy. Use \`nice -n 19\` on a shared one.
`;

const FILES = 'shared/{domain,runtime,adapters}/**/*.ts';

/** By change, its verdict. */
const results = z.record(z.string(), verdict);
type Results = z.output<typeof results>;

const root = join(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    files: { type: 'string', default: FILES },
    results: { type: 'string', default: 'mutants.json' },
    executed: { type: 'string', default: 'mutants-executed.json' },
    unexecuted: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(HELP);
else await run();

async function run(): Promise<void> {
  const files = globSync(values.files, { cwd: root }).sort();
  const sample = drawSample(allMutants(root, files), Number(values.count), Number(values.seed));
  const tracked = trackedFiles(root);
  const copy = copyProject(root, tracked);
  try {
    const tests = await recordTests({ copy, tracked, files, cache: values.executed });
    if (values.unexecuted) return printUnexecuted(files, tests);
    const known = readResults();
    const keep = (name: string, found: Verdict) => {
      known[name] = found;
      writeFileSync(values.results, `${JSON.stringify(known, null, 2)}\n`);
      process.stdout.write(`${found.kind}  ${name}\n`);
    };
    const left = sample.filter((mutant) => !(describe(root, mutant) in known));
    await runGroups({ copy, mutants: left, tests, keep });
    printSummary(sample.map((mutant) => known[describe(root, mutant)]));
  } finally {
    rmSync(copy, { recursive: true });
  }
}

interface Changes {
  readonly copy: string;
  readonly mutants: readonly Mutant[];
  readonly tests: RecordedTests;
  readonly keep: (name: string, found: Verdict) => void;
}

type Candidate = Readonly<{ mutant: Mutant; groups: ReturnType<typeof testGroups> }>;

/**
 * Runs the first group of tests for each change, then the next for those that it did not notice. Compiles before the last
 * group, whose tests are slow.
 */
async function runGroups({ copy, mutants, tests, keep }: Changes): Promise<void> {
  const runGroup =
    (index: number) =>
    async ({ mutant, groups }: Candidate) => {
      const group = groups[index];
      const failure = group && (await firstFailure(copy, mutant, group));
      if (failure === undefined || failure === 'undecided') return failure;
      return { kind: 'noticed', test: failure.file, message: failure.message } as const;
    };
  const compile = async ({ mutant }: Candidate) => {
    const message = await compilerError(copy, mutant);
    return message && ({ kind: 'refused', message } as const);
  };
  let left: readonly Candidate[] = mutants.map((mutant) => ({
    mutant,
    groups: testGroups(copy, mutant, tests),
  }));
  for (const step of [runGroup(0), runGroup(1), compile, runGroup(2)]) {
    process.stdout.write(`Changes that are left: ${left.length}\n`);
    const unnoticed: Candidate[] = [];
    for (const candidate of left) {
      const name = describe(root, candidate.mutant);
      const found = await step(candidate);
      if (!found) unnoticed.push(candidate);
      else if (found === 'undecided') process.stdout.write(`undecided  ${name}\n`);
      else keep(name, found);
    }
    left = unnoticed;
  }
  for (const { mutant, groups } of left) {
    const count = groups.reduce((sum, { files }) => sum + files.length, 0);
    keep(describe(root, mutant), { kind: 'unnoticed', tests: count });
  }
}

function readResults(): Results {
  if (!existsSync(values.results)) return {};
  const known = Object.entries(results.parse(JSON.parse(readFileSync(values.results, 'utf8'))));
  return Object.fromEntries(known.filter(([, { kind }]) => kind !== 'unnoticed' || !values.again));
}

function printUnexecuted(files: readonly string[], tests: RecordedTests): void {
  const executed = new Set(Object.values(tests).flatMap(({ blocks }) => blocks));
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const { start, end } of blocksOf(file, text)) {
      if (executed.has(blockName(file, start))) continue;
      const line = text.slice(0, start).split('\n').length;
      process.stdout.write(`${file}:${line}  ${text.slice(start, end).replace(/\s+/g, ' ').slice(0, 80)}\n`);
    }
  }
}

function printSummary(verdicts: readonly (Verdict | undefined)[]): void {
  const count = (kind?: Verdict['kind']) => verdicts.filter((found) => found?.kind === kind).length;
  const share = ((100 * count('noticed')) / (verdicts.length - count('refused'))).toFixed(1);
  process.stdout.write(
    `\n${verdicts.length} changes: ${count('noticed')} noticed by tests (${share} % of those that compile or fail), ` +
      `${count('refused')} by the compiler alone, ${count('unnoticed')} unnoticed, ${count()} undecided\n`,
  );
}
