import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod/mini';
import { signerFor } from '../../local/api-gateway/sigv4.ts';
import { encodeCursor } from '../../shared/domain/paging.ts';
import { credentialStore } from '../../tools/seed/credentials.ts';
import { blocksOf, type Seeding } from '../../tools/seed/fill.ts';
import { BLOCK } from '../../tools/seed/flows.ts';
import { importProject } from './import-project.ts';
import { formatNumber, printHeading, printTable, quantile, type Verdict } from './print.ts';
import type { Load, LoadResult } from './send-load.ts';

const SIZES = [1_000, 100_000] as const;
const PAGE = 50;
const MILLISECONDS = 4_000;
const ROOT = join(import.meta.dirname, '../..');
/** The part of package.json that has the command of `npm start`. */
const start = z.object({ scripts: z.object({ start: z.string() }) });

const sessionFile = z.object({
  apiUrl: z.string(),
  tokens: z.object({ administrator: z.string() }),
  runtime: z.object({ accessKeyId: z.string(), secretAccessKey: z.string(), region: z.string() }),
  pid: z.number(),
});
type Session = z.output<typeof sessionFile>;

/**
 * Measures what a client of local mode waits for, one request after the other, with and without checks under way, and the
 * memory of the API's process.
 */
export async function benchLocal({ quick }: { readonly quick: boolean }): Promise<readonly Verdict[]> {
  const failed: number[] = [];
  for (const size of SIZES.filter((each) => !quick || each <= 1_000)) {
    printHeading(`Local mode with ${formatNumber(size, 0)} connections, one client`);
    failed.push(await measure(size));
  }
  const count = failed.reduce((sum, each) => sum + each, 0);
  return [{ passed: count === 0, claim: `local: every response is 200; ${count} are not` }];
}

/** Prints the tables of a project, and returns the number of failed requests. */
async function measure(connections: number): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bench-local-'));
  const seeding = seedingOf(connections);
  await importProject(dataDir, seeding);
  const storeCredentials = credentialStore(dataDir, { providers: 'sandbox', sandboxUrl: undefined });
  await storeCredentials([...blocksOf(seeding)].flatMap((block) => block.connections));
  const backend = startLocalMode(dataDir);
  try {
    const session = await readyAt(backend, dataDir);
    const atStart = megabytesOf(session.pid);
    const loads = await loadsOf(session, seeding.projectId);
    const idle = await sendAll(loads);
    const checks = runChecks(session);
    const busy = await sendAll(loads);
    const checked = await checks.stop();
    printTable(
      ['request', 'p50 ms', 'p99 ms', 'p50 with checks', 'p99 with checks'],
      Object.keys(loads).map((name) => [name, ...timesOf(idle.get(name)), ...timesOf(busy.get(name))]),
    );
    const after = megabytesOf(session.pid);
    printTable(
      ['process of the API', 'MB'],
      [
        ['ready', atStart],
        ['after the requests', after],
      ],
    );
    printTable(['checks meanwhile', 'count'], [['enqueued', checked]]);
    return [...idle.values(), ...busy.values()].reduce((sum, result) => sum + result.failed, 0);
  } finally {
    backend.kill('SIGTERM');
    await once(backend, 'exit');
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function seedingOf(connections: number): Seeding {
  const flows = Math.ceil(connections / BLOCK) * 2;
  const shares = { inactive: 0.05, expiring: 0.1 };
  return { projectId: 'bench', connections, ...shares, flows, append: false, seed: 'bench', at: new Date() };
}

/** Starts local mode with the options of `npm start`, and with schedules on demand alone. */
function startLocalMode(dataDir: string): ChildProcess {
  const { scripts } = start.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  return spawn('sh', ['-c', `exec env ${scripts.start} --no-schedules`], {
    cwd: ROOT,
    env: { ...process.env, PORT: '0', DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function readyAt(backend: ChildProcess, dataDir: string): Promise<Session> {
  if (!backend.stdout) throw new Error('Local mode has no output.');
  for await (const line of createInterface({ input: backend.stdout })) {
    if (line.includes('is ready')) break;
  }
  backend.stdout.resume();
  return sessionFile.parse(JSON.parse(readFileSync(join(dataDir, 'session.json'), 'utf8')));
}

const page = z.object({ items: z.array(z.object({ id: z.string(), name: z.string(), status: z.string() })) });

async function loadsOf(session: Session, projectId: string): Promise<Readonly<Record<string, Load>>> {
  const { apiUrl, tokens, runtime } = session;
  const headers = { authorization: `Bearer ${tokens.administrator}` };
  const list = `${apiUrl}/v1/projects/${projectId}/connections`;
  const get = async (url: string) => page.parse(await (await fetch(url, { headers })).json()).items;
  const oldest = await get(`${list}?order=asc&limit=${PAGE + 1}`);
  const before = oldest.at(-1)?.id ?? '';
  const scope = { list: 'connections', projectId, sort: 'connectedAt', order: 'desc' };
  const one = oldest.find(({ status }) => status === 'active');
  if (!one) throw new Error('The project has no active connection.');
  const all = { clients: 1, milliseconds: MILLISECONDS, method: 'GET', headers };
  const path = `/v1/runtime/projects/${projectId}/connections/${one.id}/credentials`;
  const { hostname, port, host } = new URL(apiUrl);
  const signed = await signerFor(runtime).sign({
    ...{ method: 'POST', protocol: 'http:', hostname, port: Number(port), path, query: {} },
    headers: { host },
  });
  return {
    'first page of 50': { ...all, url: `${list}?limit=${PAGE}` },
    'last page of 50': { ...all, url: `${list}?limit=${PAGE}&cursor=${encodeCursor(before, scope)}` },
    'search, one hit': { ...all, url: `${list}?q=${encodeURIComponent(one.name)}` },
    'search, no hit': { ...all, url: `${list}?q=zzzzzz` },
    'get one with credentials': { ...all, method: 'POST', url: `${apiUrl}${path}`, headers: signed.headers },
    'change one': {
      ...{ ...all, method: 'PATCH', url: `${list}/${one.id}`, body: '{"name":"Name #"}' },
      headers: { ...headers, 'content-type': 'application/json' },
    },
  };
}

const result = z.object({ latencies: z.array(z.number()), perSecond: z.number(), failed: z.number() });

async function sendAll(loads: Readonly<Record<string, Load>>): Promise<ReadonlyMap<string, LoadResult>> {
  const results = new Map<string, LoadResult>();
  for (const [name, load] of Object.entries(loads)) {
    const sender = fork(join(import.meta.dirname, 'send-load.ts'));
    sender.send(load);
    const [message] = await once(sender, 'message');
    results.set(name, result.parse(message));
  }
  return results;
}

function timesOf(measured: LoadResult | undefined): readonly string[] {
  const latencies = measured?.latencies ?? [];
  return [formatNumber(quantile(latencies, 0.5), 1), formatNumber(quantile(latencies, 0.99), 1)];
}

const run = z.object({ result: z.object({ done: z.number() }) });

/** Runs the checks of one minute after the other, as many as local mode makes, until it is stopped. */
function runChecks({ apiUrl }: Session) {
  let stopped = false;
  let enqueued = 0;
  const running = (async () => {
    for (let minute = Date.now(); !stopped; minute += 60_000) {
      const body = JSON.stringify({ at: new Date(minute) });
      const url = `${apiUrl}/local/schedules/enqueue-due-checks`;
      const response = await fetch(url, { method: 'POST', body });
      enqueued += run.parse(await response.json()).result.done;
    }
  })();
  return {
    async stop() {
      stopped = true;
      await running;
      return enqueued;
    },
  };
}

function megabytesOf(pid: number): number {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round((Number(kilobytes) * 1024) / 1e6);
}
