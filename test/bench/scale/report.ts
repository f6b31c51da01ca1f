import { connectionReader } from '../../../shared/adapters/aws/table/connections.ts';
import { roleReader } from '../../../shared/adapters/aws/table/members.ts';
import type { CheckBatch } from '../../../shared/domain/checks/ports.ts';
import { dueSlot, minuteOf } from '../../../shared/domain/checks/slots.ts';
import { unitsOf } from '../meter.ts';
import { formatNumber, printHeading, printLine, printTable, quantile, type Verdict } from '../print.ts';
import type { MeteredProject } from '../reads/metered-project.ts';
import { FILTERS, type PageCost, readPages } from '../reads/pages.ts';
import { readSearches } from '../reads/searches.ts';
import { LARGE_PROJECT, largeCount, type Size } from './fill.ts';
import { checkSome, type MinuteRun, runMinutes } from './measure.ts';
import { type ScaleBench, withScaleBench } from './open.ts';
import { outageVerdicts } from './outage.ts';

/** Minutes for which the scheduler runs at most, and checks that are made. */
const MINUTES = 5;
const CHECKS = 1_000;
/** A run must leave most of its minute. */
const MAX_MINUTE_SECONDS = 15;
const MAX_SEARCH_UNITS = 600;
/** Read units of a connection in a page, 1 KB at half price, and of a request, which may begin two more reads of 4 KB. */
const CONNECTION_UNITS = 1 / 8;
const REQUEST_UNITS = 1;
const WRITING = /^(Put|Update|Delete|TransactWrite|BatchWrite)/;

/** Measures a stage with many sealed connections, all checked hourly, and simulates an outage of the scheduler. */
export async function benchScale({ connections, slots }: Size): Promise<readonly Verdict[]> {
  printHeading(`Scale: ${connections.toLocaleString('en-US')} connections, sealed, checked hourly`);
  return await withScaleBench({ connections, slots }, async (bench) => {
    printFill(bench);
    const now = minuteOf(new Date());
    const runs = await runMinutes(bench, now - dueSlot('hour', now), Math.min(MINUTES, slots));
    return [
      ...schedulerVerdicts(runs),
      ...(await checkVerdicts(bench, runs)),
      ...(await readVerdicts(bench)),
      ...(await outageVerdicts(bench)),
    ];
  });
}

function printFill({ fillSeconds, tableBytes, stored, size }: ScaleBench): void {
  const [all, large] = [stored, largeCount(size)].map((count) => count.toLocaleString('en-US'));
  const rate = formatNumber(stored / fillSeconds, 0);
  printLine(`The table has ${all} of them: the ${large} of one project, and those of the others that are due in ${size.slots} of 60
minutes. Filled in ${formatNumber(fillSeconds, 0)} s, ${rate} a second: ${formatNumber(tableBytes / 1e9)} GB of the engine's file.
`);
}

function schedulerVerdicts(runs: readonly MinuteRun[]): readonly Verdict[] {
  printTable(
    ['run of the scheduler', 'seconds', 'checks', 'messages', 'read units', 'units per check'],
    runs.map(({ seconds, checks, batches, slotUnits }, index) => [
      `minute ${index + 1}`,
      formatNumber(seconds),
      checks,
      batches.length,
      formatNumber(slotUnits, 1),
      formatNumber(slotUnits / checks, 4),
    ]),
  );
  const slowest = Math.max(...runs.map(({ seconds }) => seconds));
  return [
    {
      passed: slowest <= MAX_MINUTE_SECONDS,
      claim: `scale: the scheduler takes at most ${MAX_MINUTE_SECONDS} s for a minute; ${formatNumber(slowest)} s`,
    },
  ];
}

async function checkVerdicts(bench: ScaleBench, runs: readonly MinuteRun[]): Promise<readonly Verdict[]> {
  const [first, ...batches] = withoutNewFindings(runs);
  // The process starts: it reads the keyring.
  await checkSome(bench, first ? [first] : [], CHECKS);
  bench.secretCalls.take();
  const { checks, cpuSeconds, calls } = await checkSome(bench, batches, CHECKS);
  const secretCalls = Object.values(bench.secretCalls.take()).reduce((sum, count) => sum + count, 0);
  const writes = calls.filter(({ operation }) => WRITING.test(operation));
  const writeUnits = unitsOf(writes) / checks;
  const readUnits = unitsOf(calls) / checks - writeUnits;
  const indexes = writes.filter(({ byIndex }) => Object.keys(byIndex).length > 0).length;
  printTable(
    [`${checks} checks`, 'per check'],
    [
      ['read units', formatNumber(readUnits, 3)],
      ['write units', formatNumber(writeUnits, 3)],
      ['calls of Secrets Manager', formatNumber(secretCalls / checks, 4)],
      ['CPU milliseconds, without the provider', formatNumber((cpuSeconds * 1_000) / checks)],
    ],
  );
  return [
    {
      passed: checks > 0 && readUnits <= MAX_CHECK_READS && writeUnits <= MAX_CHECK_WRITES && indexes === 0,
      claim: `scale: a check takes at most ${MAX_CHECK_READS} read and ${MAX_CHECK_WRITES} write units, in no index; ${formatNumber(readUnits, 2)} and ${formatNumber(writeUnits, 2)}`,
    },
    {
      passed: secretCalls <= 1,
      claim: `scale: no check calls Secrets Manager; the keyring was read ${secretCalls} times for ${checks} checks`,
    },
  ];
}

/** Returns the batches without the connections of the large project, some of which are inactive and turn active. */
function withoutNewFindings(runs: readonly MinuteRun[]): readonly CheckBatch[] {
  return runs
    .flatMap(({ batches }) => batches)
    .map((batch) => {
      const connections = batch.connections.filter(({ projectId }) => projectId !== LARGE_PROJECT);
      return { ...batch, connections };
    })
    .filter(({ connections }) => connections.length > 0);
}

/** Last check, connection, version and a new project's key; the last check. With a token bucket for each, in small batches. */
const MAX_CHECK_READS = 5;
const MAX_CHECK_WRITES = 2;

async function readVerdicts({ table, meter, size }: ScaleBench): Promise<readonly Verdict[]> {
  const project = {
    id: LARGE_PROJECT,
    connections: largeCount(size),
    inactive: 0.01,
    dataDir: '',
  };
  const readers = { connections: connectionReader(table), roles: roleReader(table) };
  const metered: MeteredProject = { project, table, meter, ...readers };
  const pages: PageCost[] = [];
  for (const filter of [FILTERS.none ?? {}, FILTERS.inactive ?? {}]) {
    for (const limit of [25, 100]) pages.push(...(await readPages(metered, filter, limit)));
  }
  const consumed = pages.map((page) => page.consumed);
  const searches = (await readSearches(metered)).map((search) => search.consumed);
  const expensive = pages.filter(
    (page) => page.consumed > page.query.limit * CONNECTION_UNITS + REQUEST_UNITS,
  );
  const most = Math.max(...searches);
  printTable(
    ['read units', 'reads', 'p50', 'maximum'],
    [
      ['page of 25 or 100', consumed],
      ['search, one request', searches],
    ].map(([name, units]) => [
      String(name),
      units?.length ?? 0,
      ...[0.5, 1].map((share) => formatNumber(quantile(Array.isArray(units) ? units : [], share))),
    ]),
  );
  return [
    {
      passed: expensive.length === 0,
      claim: `scale: a page costs its own connections, in a project of ${project.connections}; at most ${formatNumber(Math.max(...consumed))} units for 100`,
    },
    {
      passed: most <= MAX_SEARCH_UNITS,
      claim: `scale: a search consumes at most ${MAX_SEARCH_UNITS} units; ${formatNumber(most)}`,
    },
  ];
}
