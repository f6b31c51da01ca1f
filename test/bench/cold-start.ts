import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import { BUDGET_BYTES, overBudget } from '../../infra/bundle/budget.ts';
import { type Bundle, bundle } from '../../infra/bundle/build.ts';
import { FUNCTIONS, findEntries } from '../../infra/bundle/entries.ts';
import { BUILT_IN_PROVIDERS, compileInto } from '../../shared/catalog/compile.ts';
import { TestBackend } from '../harness/backend.ts';
import { providerEntry, writeProviders } from '../harness/provider-entry.ts';
import { apiEvent } from './api-event.ts';
import { formatNumber, printHeading, printTable, quantile, type Verdict } from './print.ts';

const RUNS = 7;
/** Providers that an operator adds, and starts with either catalog. */
const MORE_PROVIDERS = 300;
const CATALOG_RUNS = 20;
/** Largest slowdown of a start with them. */
const CATALOG_RATIO = 1.02;

interface Start {
  readonly name: string;
  /** Time of load and first event; the median of the runs. */
  readonly milliseconds: number;
  /** Time of the whole process; the median of the runs. */
  readonly processMilliseconds: number;
  readonly status: number;
}

/** Measures load and first event of bundled functions in new processes, and the size of every bundle. */
export async function benchColdStart(): Promise<readonly Verdict[]> {
  printHeading('Cold start: load and first event in a new process');
  const out = mkdtempSync(join(tmpdir(), 'connections-bundles-'));
  const backend = await TestBackend.open();
  try {
    const bundles = await bundle({ functions: FUNCTIONS, entries: await findEntries(FUNCTIONS), out });
    const starts = await startAll(backend, out, bundles);
    printStarts(starts, bundles);
    const catalogs = await compareCatalogs(backend, out, bundles);
    return [sizeVerdict(bundles), responseVerdict(starts), catalogVerdict(catalogs)];
  } finally {
    await backend.close();
    rmSync(out, { recursive: true, force: true });
  }
}

async function startAll(
  backend: TestBackend,
  out: string,
  bundles: readonly Bundle[],
): Promise<readonly Start[]> {
  const project = await backend.createProject();
  const { id } = await project.connect();
  const empty = join(out, 'empty.mjs');
  writeFileSync(empty, 'export const handler = async () => ({ statusCode: 200 });\n');
  const path = { projectId: project.id, connectionId: id };
  const token = backend.session.tokens.administrator;
  const events = {
    'http/providers/list': apiEvent(token, 'GET', {}),
    'http/connections/list': apiEvent(token, 'GET', { projectId: project.id }),
    'http/connections/get': apiEvent(token, 'GET', path),
    'http/connections/rename': apiEvent(token, 'PATCH', path, { body: { name: 'Renamed' } }),
    'http/connections/check': apiEvent(token, 'POST', path),
  };
  const starts = [await median('(an empty function)', empty, {})];
  for (const [entry, event] of Object.entries(events)) {
    const folder = bundles.find((one) => one.entry === entry)?.folder;
    if (folder) starts.push(await median(entry, join(folder, 'index.mjs'), event));
  }
  return starts;
}

/** Starts with the built-in catalog and with 300 more providers, in turns so that both meet the same machine. */
async function compareCatalogs(backend: TestBackend, out: string, bundles: readonly Bundle[]) {
  const project = await backend.createProject();
  await project.connect();
  const own = join(out, 'own-providers');
  const large = join(out, 'large-catalog');
  writeProviders(
    own,
    Array.from({ length: MORE_PROVIDERS }, (_, index) => providerEntry({ id: `made-up-${index}` })),
  );
  compileInto(large, [BUILT_IN_PROVIDERS, own]);
  const folder = bundles.find(({ entry }) => entry === 'http/connections/list')?.folder ?? '';
  const event = apiEvent(backend.session.tokens.administrator, 'GET', { projectId: project.id });
  const fastest = { builtIn: Number.POSITIVE_INFINITY, large: Number.POSITIVE_INFINITY };
  for (let run = 0; run < CATALOG_RUNS; run += 1) {
    for (const [name, env] of [
      ['builtIn', {}],
      ['large', { CATALOG_DIR: large }],
    ] as const) {
      const { processMilliseconds } = await startOnce(join(folder, 'index.mjs'), event, env);
      fastest[name] = Math.min(fastest[name], processMilliseconds);
    }
  }
  return fastest;
}

async function median(name: string, file: string, event: unknown): Promise<Start> {
  const runs: Omit<Start, 'name'>[] = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await startOnce(file, event));
  const medianOf = (field: 'milliseconds' | 'processMilliseconds') =>
    quantile(
      runs.map((run) => run[field]),
      0.5,
    );
  const status = runs.at(-1)?.status ?? 0;
  return {
    name,
    milliseconds: medianOf('milliseconds'),
    processMilliseconds: medianOf('processMilliseconds'),
    status,
  };
}

const result = z.object({ milliseconds: z.number(), status: z.number() });

/** Local mode has set the environment variables of this process as CDK sets a function's; the child inherits them. */
async function startOnce(file: string, event: unknown, env: Readonly<Record<string, string>> = {}) {
  const script = join(import.meta.dirname, 'invoke-once.ts');
  const startedAt = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, [script, file, JSON.stringify(event)], {
    env: { ...process.env, ...env },
  });
  const processMilliseconds = performance.now() - startedAt;
  return { processMilliseconds, ...result.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')) };
}

function printStarts(starts: readonly Start[], bundles: readonly Bundle[]): void {
  const empty = starts[0]?.processMilliseconds ?? Number.NaN;
  printTable(
    [
      'function',
      'KB',
      'of the budget',
      'load and first event',
      'whole process',
      'relative to empty',
      'status',
    ],
    starts.map(({ name, milliseconds, processMilliseconds, status }) => {
      const bytes = bundles.find(({ entry }) => entry === name)?.bytes ?? 0;
      const share = `${formatNumber((bytes / BUDGET_BYTES) * 100, 0)} %`;
      const times = [milliseconds, processMilliseconds].map((time) => `${formatNumber(time, 0)} ms`);
      return [
        name,
        formatNumber(bytes / 1000, 0),
        share,
        ...times,
        formatNumber(processMilliseconds / empty, 1),
        status,
      ];
    }),
  );
}

function sizeVerdict(bundles: readonly Bundle[]): Verdict {
  const largest = Math.max(...bundles.map(({ bytes }) => bytes));
  return {
    passed: overBudget(bundles).length === 0,
    claim: `bundles: each of ${bundles.length} has at most ${BUDGET_BYTES / 1000} KB; the largest ${formatNumber(largest / 1000, 0)}`,
  };
}

function responseVerdict(starts: readonly Start[]): Verdict {
  const failed = starts.filter(({ status }) => status !== 200).map(({ name }) => name);
  return {
    passed: failed.length === 0,
    claim: `cold start: each function responds 200 to its first event${failed.length > 0 ? `; not ${failed.join(', ')}` : ''}`,
  };
}

function catalogVerdict({ builtIn, large }: { readonly builtIn: number; readonly large: number }): Verdict {
  return {
    passed: large <= builtIn * CATALOG_RATIO,
    claim: `cold start: ${MORE_PROVIDERS} more providers cost at most 2 % of the fastest start; ${formatNumber(large / builtIn, 3)} times`,
  };
}
