import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import { BUDGET_BYTES, overBudget } from '../../infra/bundle/budget.ts';
import { type Bundle, bundle } from '../../infra/bundle/build.ts';
import { FUNCTIONS, findEntries } from '../../infra/bundle/entries.ts';
import { USERS } from '../../local/users.ts';
import { TestBackend } from '../harness/backend.ts';
import { heading, number, quantile, table, type Verdict } from './print.ts';

const RUNS = 7;

interface Start {
  readonly name: string;
  /** Of load and first event together; the middle one of the runs. */
  readonly milliseconds: number;
  /** Of the whole process, from its start to its end; the middle one too. */
  readonly whole: number;
  readonly status: number;
}

/** Measures load and first event of bundled functions in fresh processes, and what every bundle weighs. */
export async function benchColdStart(): Promise<readonly Verdict[]> {
  heading('Cold start: load and first event in a fresh process');
  const out = mkdtempSync(join(tmpdir(), 'connections-bundles-'));
  const backend = await TestBackend.open();
  try {
    const bundles = await bundle({ functions: FUNCTIONS, entries: await findEntries(FUNCTIONS), out });
    const starts = await startAll(backend, out, bundles);
    sayStarts(starts, bundles);
    return [withinBudget(bundles), allAnswered(starts)];
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
  const events = {
    'http/providers/list': eventOf('GET', {}),
    'http/connections/list': eventOf('GET', { projectId: project.id }),
    'http/connections/get': eventOf('GET', path),
    'http/connections/rename': eventOf('PATCH', path, { name: 'Renamed' }),
    'http/connections/check': eventOf('POST', path),
  };
  const starts = [await median('(an empty function)', empty, {})];
  for (const [entry, event] of Object.entries(events)) {
    const folder = bundles.find((one) => one.entry === entry)?.folder;
    if (folder) starts.push(await median(entry, join(folder, 'index.mjs'), event));
  }
  return starts;
}

async function median(name: string, file: string, event: unknown): Promise<Start> {
  const runs: Omit<Start, 'name'>[] = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await startOnce(file, event));
  const middle = (field: 'milliseconds' | 'whole') =>
    quantile(
      runs.map((run) => run[field]),
      0.5,
    );
  const status = runs.at(-1)?.status ?? 0;
  return { name, milliseconds: middle('milliseconds'), whole: middle('whole'), status };
}

const told = z.object({ milliseconds: z.number(), status: z.number() });

/** The house has set this process's variables as CDK sets a function's; the child has the same. */
async function startOnce(file: string, event: unknown) {
  const script = join(import.meta.dirname, 'invoke-once.ts');
  const startedAt = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, [script, file, JSON.stringify(event)]);
  const whole = performance.now() - startedAt;
  return { whole, ...told.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')) };
}

function eventOf(method: string, pathParameters: Record<string, string>, body?: unknown) {
  return {
    version: '2.0',
    rawPath: '/',
    headers: { host: 'localhost', ...(body !== undefined && { 'content-type': 'application/json' }) },
    pathParameters,
    requestContext: {
      http: { method, path: '/', sourceIp: '127.0.0.1', userAgent: 'bench' },
      requestId: 'bench',
      authorizer: { jwt: { claims: { sub: USERS.administrator.id }, scopes: null } },
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  };
}

function sayStarts(starts: readonly Start[], bundles: readonly Bundle[]): void {
  const empty = starts[0]?.whole ?? Number.NaN;
  table(
    [
      'function',
      'KB',
      'of the budget',
      'load and first event',
      'whole process',
      'times the empty one',
      'answered',
    ],
    starts.map(({ name, milliseconds, whole, status }) => {
      const bytes = bundles.find(({ entry }) => entry === name)?.bytes ?? 0;
      const share = `${number((bytes / BUDGET_BYTES) * 100, 0)} %`;
      const times = [milliseconds, whole].map((time) => `${number(time, 0)} ms`);
      return [name, number(bytes / 1000, 0), share, ...times, number(whole / empty, 1), status];
    }),
  );
}

function withinBudget(bundles: readonly Bundle[]): Verdict {
  const heaviest = Math.max(...bundles.map(({ bytes }) => bytes));
  return {
    passed: overBudget(bundles).length === 0,
    claim: `bundles: each of ${bundles.length} weighs at most ${BUDGET_BYTES / 1000} KB; the heaviest ${number(heaviest / 1000, 0)}`,
  };
}

function allAnswered(starts: readonly Start[]): Verdict {
  const failed = starts.filter(({ status }) => status !== 200).map(({ name }) => name);
  return {
    passed: failed.length === 0,
    claim: `cold start: each function answers its first event${failed.length > 0 ? `; not ${failed.join(', ')}` : ''}`,
  };
}
