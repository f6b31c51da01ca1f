import { availableParallelism } from 'node:os';
import { MAX_SOCKETS } from '../../../shared/adapters/aws/sdk.ts';
import { CREDENTIAL_STORES, type CredentialStoreName } from '../../../shared/domain/terms.ts';
import { type Call, unitsOf } from '../meter.ts';
import { formatNumber, printHeading, printLine, printTable, quantile, type Verdict } from '../print.ts';
import type { SocketCounter } from '../socket-counter.ts';
import { type CheckBench, withCheckBench } from './check-bench.ts';
import { runHour } from './hour.ts';
import { countRecordedChecks } from './recorded-checks.ts';
import { type ConnectionRequests, isOneCheck } from './request-log.ts';
import { printStores, type StoreResults, storeVerdicts } from './stores.ts';
import { createTenants, type Tenant } from './tenants.ts';

/** Connections of each provider in a small tenant, for a total of 100,000 or 4,000. */
const CONNECTIONS_PER_PROVIDER = { full: 25, quick: 1 } as const;
/** Memory of each function (`infra/constructs/service-function.ts`). */
const MEMORY_MEGABYTES = 512;
/** Maximum wait of small tenants, relative to the large one. With few due checks, chance matters. */
const MAX_RELATIVE_WAIT = 1.1;
/** Requests to providers over one connection, which a worker keeps. */
const LEAST_REQUESTS_PER_SOCKET = 20;
/** The operation that records a check. Scheduler and call budgets use others. */
const RECORDING = 'UpdateItem';
const WRITING = /^(Put|Update|Delete|TransactWrite|BatchWrite)/;

/** Results of the bench with one store. */
interface Results extends StoreResults {
  readonly requests: readonly ConnectionRequests[];
  /** Number of connections with a recorded check for their slot. */
  readonly recorded: number;
  readonly providerSockets: Readonly<SocketCounter>;
  readonly tableSockets: Readonly<SocketCounter>;
}

/** Measures an hour of checks at 20 providers without new findings, with each store: time, capacity and waits. */
export async function benchChecks({ quick }: { readonly quick: boolean }): Promise<readonly Verdict[]> {
  printHeading('Checks: an hour, each connection once, without new findings');
  const tenants = createTenants(quick ? CONNECTIONS_PER_PROVIDER.quick : CONNECTIONS_PER_PROVIDER.full);
  const count = tenants.reduce((sum, { connections }) => sum + connections.length, 0);
  const all: Results[] = [];
  const verdicts: Verdict[] = [];
  for (const store of CREDENTIAL_STORES) {
    printLine(
      `Seeding ${count.toLocaleString('en-US')} connections of 20 providers, credentials: ${store}\n`,
    );
    const results = await withCheckBench(tenants, store, (bench) => measure(bench, tenants, store));
    printSpeed(results);
    printCapacity(results);
    printWaits(results);
    all.push(results);
    verdicts.push(...checkVerdicts(results), ...capacityVerdicts(results), ...resourceVerdicts(results));
  }
  printStores(all);
  return [...verdicts, ...storeVerdicts(all)];
}

async function measure(
  bench: CheckBench,
  tenants: readonly Tenant[],
  store: CredentialStoreName,
): Promise<Results> {
  let startCalls = {};
  const hour = await runHour(bench, () => {
    startCalls = bench.secretCalls.take();
  });
  const [secretCalls, otherCalls] = [bench.secretCalls.take(), bench.otherCalls.take()];
  const recorded = await countRecordedChecks(bench, tenants, hour.first);
  const requests = bench.requestLog.byConnection();
  const calls = { startCalls, secretCalls, otherCalls };
  const sockets = { providerSockets: bench.providerSockets, tableSockets: bench.meter.sockets };
  return { store, checks: requests.length, hour, ...calls, requests, recorded, ...sockets };
}

function printSpeed({ hour, requests, providerSockets, tableSockets }: Results): void {
  const { before, after, seconds } = hour;
  const cpu = after.cpuSeconds - before.cpuSeconds;
  const checks = requests.length;
  const cores = availableParallelism();
  const postponed = after.connections - hour.enqueued;
  printLine(`The scheduler ran for each minute of an hour, as soon as the checks of the previous minute were
completed; the hour took ${formatNumber(seconds, 0)} s. The providers' call budgets postponed ${postponed} deliveries. The functions had a
process of their own; table engine, meter, queue, Secrets Manager and sandbox, which speaks HTTPS, shared the ${cores} cores
with it.
`);
  printTable(
    ['functions: scheduler and workers', ''],
    [
      ['checks per CPU second', formatNumber(checks / cpu, 0)],
      ['CPU milliseconds per check', formatNumber((cpu * 1000) / checks)],
      [`checks per second, everything on ${cores} cores`, formatNumber(checks / seconds, 0)],
      ['checks per second and core', formatNumber(checks / seconds / cores, 0)],
      ['memory before the first check, MB', formatNumber(before.peakMegabytes, 0)],
      ['maximum memory, MB', formatNumber(after.peakMegabytes, 0)],
      ['TLS connections to providers', providerSockets.accepted],
      ['of them, open at once', providerSockets.mostAtOnce],
      ['connections to the table, open at once', tableSockets.mostAtOnce],
    ],
  );
}

function printCapacity({ hour, requests }: Results): void {
  const checks = requests.length;
  const byOperation = Object.entries(Object.groupBy(hour.calls, ({ operation }) => operation));
  printTable(
    ['table operation', 'per check', 'units each', 'units per check', 'refused', 'index units'],
    byOperation.map(([operation, calls = []]) => [
      operation,
      formatNumber(calls.length / checks, 3),
      formatNumber(unitsOf(calls) / calls.length),
      formatNumber(unitsOf(calls) / checks, 3),
      calls.filter(({ refused }) => refused).length,
      formatNumber(indexUnits(calls), 0),
    ]),
  );
}

function printWaits({ requests }: Results): void {
  const kinds = { 'large tenant': true, '100 small tenants': false } as const;
  printTable(
    ['wait for a check', 'connections', 'mean', 'p50', 'p99', 'maximum'],
    Object.entries(kinds).map(([name, isOfLarge]) => {
      const waits = waitsOf(requests, isOfLarge);
      const quantiles = [0.5, 0.99, 1].map((share) => quantile(waits, share));
      return [
        name,
        waits.length,
        ...[mean(waits), ...quantiles].map((wait) => `${formatNumber(wait / 1000)} s`),
      ];
    }),
  );
}

function checkVerdicts({ store, hour, requests, recorded }: Results): readonly Verdict[] {
  const wrong = requests.filter((one) => !isOneCheck(one));
  const unchecked = wrong.filter(({ paths }) => paths.length === 0).length;
  const { repeated, after } = hour;
  const total = requests.length;
  return [
    {
      passed: hour.enqueued === total && wrong.length === 0,
      claim: `checks, ${store}: each of ${total} connections is checked once; ${unchecked} are not checked, ${wrong.length - unchecked} otherwise`,
    },
    {
      passed: recorded === total,
      claim: `checks, ${store}: each is recorded for the time of its slot; ${recorded} are`,
    },
    {
      passed: repeated.delivered > 0 && repeated.requests === 0,
      claim: `checks, ${store}: a minute that is enqueued twice sends no request twice; ${repeated.requests} for ${repeated.delivered} redelivered checks`,
    },
    {
      passed: after.failed === 0,
      claim: `checks, ${store}: no message fails; ${after.failed} of ${after.messages} do`,
    },
  ];
}

function capacityVerdicts({ store, hour, requests }: Results): readonly Verdict[] {
  const writes = hour.calls.filter(({ operation }) => WRITING.test(operation));
  const records = writes.filter(({ operation }) => operation === RECORDING);
  const largest = Math.max(...records.map(({ units }) => units));
  const shared = writes.length - records.length;
  return [
    {
      passed: records.length === requests.length && largest <= 1,
      claim: `checks, ${store}: a check without new findings writes once, at most one unit; ${records.length} writes, the largest of ${formatNumber(largest, 0)}; ${formatNumber(shared / requests.length, 3)} more per check for call budgets and the checkpoint`,
    },
    {
      passed: indexUnits(writes) === 0,
      claim: `checks, ${store}: a check without new findings writes to no index; ${formatNumber(indexUnits(writes), 0)} units`,
    },
  ];
}

function resourceVerdicts({
  store,
  hour,
  requests,
  providerSockets,
  tableSockets,
}: Results): readonly Verdict[] {
  const { peakMegabytes } = hour.after;
  const sent = requests.reduce((sum, { paths }) => sum + paths.length, 0);
  const meanWait = (isOfLarge: boolean) => mean(waitsOf(requests, isOfLarge)) / 1000;
  const [large, small] = [meanWait(true), meanWait(false)];
  return [
    {
      passed: peakMegabytes <= MEMORY_MEGABYTES,
      claim: `checks, ${store}: the functions use at most ${MEMORY_MEGABYTES} MB; ${formatNumber(peakMegabytes, 0)}`,
    },
    {
      passed: providerSockets.accepted * LEAST_REQUESTS_PER_SOCKET <= sent,
      claim: `checks, ${store}: a connection to providers serves at least ${LEAST_REQUESTS_PER_SOCKET} requests; ${providerSockets.accepted} for ${sent} requests`,
    },
    {
      passed: tableSockets.mostAtOnce < MAX_SOCKETS,
      claim: `checks, ${store}: no call of the table waits for one of ${MAX_SOCKETS} sockets; ${tableSockets.mostAtOnce} were open at once`,
    },
    {
      passed: small <= large * MAX_RELATIVE_WAIT,
      claim: `checks, ${store}: small tenants wait no longer than one with 100 times their connections; ${formatNumber(small)} s against ${formatNumber(large)} s`,
    },
  ];
}

function waitsOf(requests: readonly ConnectionRequests[], isOfLarge: boolean): readonly number[] {
  return requests
    .filter(({ due, paths }) => due.isOfLarge === isOfLarge && paths.length > 0)
    .map(({ waitMs }) => waitMs);
}

function indexUnits(calls: readonly Call[]): number {
  return calls.reduce(
    (sum, { byIndex }) => sum + Object.values(byIndex).reduce((all, one) => all + one, 0),
    0,
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
