import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { recordBlocks } from './blocks.ts';
import { runTests } from './run-tests.ts';

const recordedRun = z.object({
  /** Time that the file takes in a process of its own. */
  seconds: z.number(),
  blocks: z.array(z.string()),
});

type RecordedRun = z.output<typeof recordedRun>;

const recordedTest = z.object({ digest: z.string(), ...recordedRun.shape });

const recording = z.object({
  /** A digest of the files whose blocks are recorded. */
  code: z.string(),
  tests: z.record(z.string(), recordedTest),
});

/** By test file, how long it takes and which blocks it executes. */
export type RecordedTests = Readonly<Record<string, z.output<typeof recordedTest>>>;

/** A copy of the project, and a file that keeps what its tests execute, so that only changed ones run again. */
export interface Recorder {
  readonly copy: string;
  /** All files of the copy. */
  readonly tracked: readonly string[];
  /** The files whose blocks are recorded. */
  readonly files: readonly string[];
  readonly cache: string;
}

/** Test files that run until the cache is written, from where a stopped run goes on. */
const BATCH = 24;

/** More than a process uses that runs a share of all tests. */
const CPU_SECONDS = 3600;

const isTest = (file: string) => /^test\/(unit|integration|infra|architecture)\/.*\.test\.ts$/.test(file);

/**
 * Returns what each test file executes, from the cache or from a run, but for those that fail without a change. The cache
 * holds for a test file until that file changes, or the code whose blocks are recorded. What else changes may let a test
 * execute more; then a change may pass for unnoticed, and never the other way round.
 */
export async function recordTests(recorder: Recorder): Promise<RecordedTests> {
  const { copy, tracked, files, cache } = recorder;
  const code = digestOf(copy, files);
  const digests = new Map(tracked.filter(isTest).map((file) => [file, digestOf(copy, [file])]));
  const known = Object.entries(readCache(cache, code));
  const tests = Object.fromEntries(known.filter(([file, { digest }]) => digest === digests.get(file)));
  const missing = [...digests].filter(([file]) => !(file in tests));
  for (let start = 0; start < missing.length; start += BATCH) {
    process.stdout.write(`Recording what tests execute: ${start} of ${missing.length} files done\n`);
    const batch = new Map(missing.slice(start, start + BATCH));
    for (const [file, run] of await recordBatch(recorder, [...batch.keys()]))
      tests[file] = { digest: batch.get(file) ?? '', ...run };
    writeFileSync(cache, JSON.stringify({ code, tests }));
  }
  return tests;
}

function digestOf(copy: string, files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(readFileSync(join(copy, file)));
  return hash.digest('hex');
}

function readCache(cache: string, code: string): RecordedTests {
  if (!existsSync(cache)) return {};
  const known = recording.parse(JSON.parse(readFileSync(cache, 'utf8')));
  return known.code === code ? known.tests : {};
}

/**
 * Runs test files over code that records its blocks, and what fails once more: on a busy machine, a test may time out.
 * Returns what each executes, but for those that fail without recording, too.
 */
async function recordBatch(
  { copy, files }: Recorder,
  tests: readonly string[],
): Promise<readonly (readonly [file: string, run: RecordedRun])[]> {
  const folder = mkdtempSync(join(tmpdir(), 'executed-'));
  const texts = files.map((file) => ({ file, text: readFileSync(join(copy, file), 'utf8') }));
  const failing = async (some: readonly string[], env?: NodeJS.ProcessEnv) => {
    if (some.length === 0) return [];
    const failures = await runTests(copy, some, { options: ['--isolate'], env, cpuSeconds: CPU_SECONDS });
    return failures.map(({ file }) => file);
  };
  for (const { file, text } of texts) writeFileSync(join(copy, file), recordBlocks(file, text));
  const env = { RECORD_FOLDER: folder };
  const failedTwice = await failing(await failing(tests, env), env);
  for (const { file, text } of texts) writeFileSync(join(copy, file), text);
  const leftOut = await failing(failedTwice);
  for (const file of leftOut) process.stdout.write(`Left out, for it fails without a change: ${file}\n`);
  const runs = tests
    .filter((file) => !leftOut.includes(file))
    .map((file) => [file, readRun(copy, folder, file)] as const);
  rmSync(folder, { recursive: true });
  return runs;
}

function readRun(copy: string, folder: string, test: string): RecordedRun {
  const lines = readFileSync(join(folder, encodeURIComponent(join(copy, test))), 'utf8')
    .trim()
    .split('\n');
  const isTime = (line: string) => /^[\d.]+$/.test(line);
  const milliseconds = lines.filter(isTime).map(Number);
  const blocks = new Set(lines.filter((line) => !isTime(line)));
  return { seconds: Math.min(...milliseconds) / 1000, blocks: [...blocks].sort() };
}
