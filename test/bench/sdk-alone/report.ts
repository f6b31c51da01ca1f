import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../../infra/bundle/build.ts';
import { FUNCTIONS, findEntries } from '../../../infra/bundle/entries.ts';
import { dataFiles, tableNameOf } from '../../../local/data-folder.ts';
import { startEngine } from '../../../local/table/engine.ts';
import { SHARED_WORDS } from '../../../tools/seed/names.ts';
import { apiEvent } from '../api-event.ts';
import { importProject } from '../import-project.ts';
import { formatNumber, printHeading, printTable, type Verdict } from '../print.ts';
import { toCalls } from './calls.ts';
import { type Invocations, invokeAlternately } from './invoke.ts';
import { type RecordedCall, type Replay, startReplay } from './replay.ts';

const PROJECT = 'floor';
const CONNECTIONS = 1_000;
const ENTRY = 'http/connections/list';
const TABLE = tableNameOf('sandbox');

const REQUESTS = {
  'first page of 50': { limit: '50' },
  'first page of 50 by name': { limit: '50', sort: 'name' },
  'search with one hit': { limit: '50', q: SHARED_WORDS.thousandth },
} as const;

/** The bundles that are compared. */
interface Files {
  readonly list: string;
  readonly sdk: string;
}

/**
 * Compares `connections/list` with the SDK alone doing the same calls. Both run as bundles in processes of
 * their own, against recorded responses of the engine, so that the figures are the CPU of the function's process alone.
 */
export async function benchBesideSdk({ quick }: { readonly quick: boolean }): Promise<readonly Verdict[]> {
  printHeading(`${ENTRY} in a project of ${CONNECTIONS}, beside the SDK alone doing the same calls`);
  const folder = mkdtempSync(join(tmpdir(), 'connections-floor-'));
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  await importProject(dataDir, {
    projectId: PROJECT,
    connections: CONNECTIONS,
    inactive: 0.01,
    expiring: 0.01,
    flows: 40,
    append: false,
    // With this seed, one name contains the word of the search.
    seed: 'a',
    at: new Date('2026-03-03T14:05:59.000Z'),
  });
  const engine = await startEngine({ dataFile: dataFiles(dataDir, 'sandbox').table });
  const replay = await startReplay(engine.url);
  try {
    const files = await bundleBoth(folder);
    const rows = [];
    for (const [name, query] of Object.entries(REQUESTS)) {
      rows.push({ name, ...(await compare(files, query, replay, quick)) });
    }
    printRows(rows);
    const failed = rows.filter(({ list, sdk }) => list.status !== 200 || sdk.status !== 200);
    return [
      {
        passed: failed.length === 0,
        claim: `floor: every response is 200; ${failed.length} rows have others`,
      },
    ];
  } finally {
    await replay.close();
    await engine.close();
    rmSync(folder, { recursive: true });
  }
}

/** Bundles both as they are deployed, prints their sizes, and points the environment at the list's catalog. */
async function bundleBoth(folder: string): Promise<Files> {
  const functions = await bundle({
    functions: FUNCTIONS,
    entries: await findEntries(FUNCTIONS),
    out: join(folder, 'functions'),
  });
  const [sdk] = await bundle({
    functions: import.meta.dirname,
    entries: ['calls-only'],
    out: join(folder, 'floor'),
  });
  const list = functions.find(({ entry }) => entry === ENTRY);
  const heaviest = functions.toSorted((a, b) => b.bytes - a.bytes)[0];
  if (!list || !sdk || !heaviest) throw new Error('A bundle is missing.');
  printTable(
    ['bundle', 'KB', 'relative to the SDK alone'],
    [sdk, list, heaviest].map(({ entry, bytes }) => [
      entry,
      formatNumber(bytes / 1000, 0),
      formatNumber(bytes / sdk.bytes),
    ]),
  );
  Object.assign(process.env, { TABLE_NAME: TABLE, CATALOG_DIR: join(list.folder, 'catalog') });
  return { list: join(list.folder, 'index.mjs'), sdk: join(sdk.folder, 'index.mjs') };
}

interface Comparison {
  readonly calls: readonly RecordedCall[];
  readonly list: Invocations;
  readonly sdk: Invocations;
}

async function compare(
  files: Files,
  query: Readonly<Record<string, string>>,
  replay: Replay,
  quick: boolean,
): Promise<Comparison> {
  process.env.AWS_ENDPOINT_URL_DYNAMODB = replay.url;
  const event = apiEvent('e30.e30.e30', 'GET', { projectId: PROJECT }, { query });
  replay.take();
  await invokeAlternately([{ file: files.list, event }], { processes: 1, warmUps: 0, measured: 0 });
  const calls = replay.take();
  const [list, sdk] = await invokeAlternately(
    [
      { file: files.list, event },
      { file: files.sdk, event: { calls: toCalls(calls, TABLE) } },
    ],
    quick ? { processes: 3, warmUps: 200, measured: 200 } : { processes: 9, warmUps: 300, measured: 400 },
  );
  if (!list || !sdk) throw new Error('A comparison has two sides.');
  return { calls, list, sdk };
}

function printRows(rows: readonly (Comparison & { readonly name: string })[]): void {
  const ms = (value: number, digits = 2) => `${formatNumber(value, digits)} ms`;
  const ratio = (a: number, b: number) => formatNumber(a / b);
  printTable(
    ['CPU of a request', 'calls', 'list', 'SDK alone', 'ratio'],
    rows.map(({ name, calls, list, sdk }) => [
      name,
      calls.length,
      ms(list.requestCpuMs),
      ms(sdk.requestCpuMs),
      ratio(list.requestCpuMs, sdk.requestCpuMs),
    ]),
  );
  const first = rows.slice(0, 1);
  printTable(
    ['load and first event', 'list', 'SDK alone', 'ratio'],
    first.flatMap(({ list, sdk }) => [
      ['time', ms(list.firstMs, 0), ms(sdk.firstMs, 0), ratio(list.firstMs, sdk.firstMs)],
      ['CPU', ms(list.firstCpuMs, 0), ms(sdk.firstCpuMs, 0), ratio(list.firstCpuMs, sdk.firstCpuMs)],
    ]),
  );
}
