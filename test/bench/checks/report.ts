import { availableParallelism } from 'node:os';
import { type Call, unitsOf } from '../meter.ts';
import { heading, number, quantile, say, table, type Verdict } from '../print.ts';
import { type Hour, runHour } from './hour.ts';
import { withChecksHouse } from './house.ts';
import { storedAsDue } from './stored-turns.ts';
import { type Asked, wasCheckedOnce } from './tally.ts';
import { tenantsWith } from './tenants.ts';

/** Of each provider, for a small tenant: 100,000 connections in all, or 4,000. */
const EACH = { whole: 25, quick: 1 } as const;
/** What each function has (infra/constructs/house-function.ts). */
const MEMORY_MEGABYTES = 512;
/** How much longer than the large tenant, at most, small ones may wait: where few are due, chance decides. */
const AS_LONG = 1.1;
/** The write that records a check, and how the scheduler and the budgets write theirs. */
const RECORDING = 'UpdateItem';
const WRITING = /^(Put|Update|Delete|TransactWrite|BatchWrite)/;

/** What is to be told of an hour of checks. */
interface Found {
  readonly hour: Hour;
  readonly asked: readonly Asked[];
  /** How many connections the table says to be checked for their turn. */
  readonly recorded: number;
}

/** Measures an hour of checks of 20 providers, nothing new in any: what they take, consume and keep waiting. */
export async function benchChecks({ quick }: { readonly quick: boolean }): Promise<readonly Verdict[]> {
  heading('Checks: an hour of turns, each connection once, with nothing new');
  const tenants = tenantsWith(quick ? EACH.quick : EACH.whole);
  const count = tenants.reduce((sum, { connections }) => sum + connections.length, 0);
  say(`Seeding ${count.toLocaleString('en-US')} connections of 20 providers, with their secrets\n`);
  const found = await withChecksHouse(tenants, async (house) => {
    const hour = await runHour(house);
    const recorded = await storedAsDue(house, tenants, hour.first);
    return { hour, asked: house.tally.all(), recorded };
  });
  sayPace(found);
  sayConsumed(found);
  sayWaits(found);
  return [...onceVerdicts(found), ...capacityVerdicts(found), ...resourceVerdicts(found)];
}

function sayPace({ hour, asked }: Found): void {
  const { before, after, seconds } = hour;
  const cpu = after.cpuSeconds - before.cpuSeconds;
  const checks = asked.length;
  const cores = availableParallelism();
  const putOff = after.connections - hour.enqueued;
  say(`The scheduler ran once for each minute of an hour, each as soon as the checks of the minute before
were made, so that the hour took ${number(seconds, 0)} s. Budgets were those of the providers, by the clock: ${putOff} deliveries
were put off by them. The functions had a process of their own; the engine, the meter before it, the
queue, the secrets and the sandbox shared the ${cores} cores with it.
`);
  table(
    ['of the functions: scheduler, queue, workers', ''],
    [
      ['checks a second of one core', number(checks / cpu, 0)],
      ['milliseconds of a core for a check', number((cpu * 1000) / checks)],
      [`checks a second by the clock, all on ${cores} cores`, number(checks / seconds, 0)],
      ['checks a second by the clock, for each core', number(checks / seconds / cores, 0)],
      ['megabytes before the first check', number(before.peakMegabytes, 0)],
      ['megabytes at most', number(after.peakMegabytes, 0)],
    ],
  );
}

function sayConsumed({ hour, asked }: Found): void {
  const checks = asked.length;
  const byOperation = Object.entries(Object.groupBy(hour.calls, ({ operation }) => operation));
  table(
    ['request to the table', 'each check', 'units each', 'units a check', 'refused', 'of indexes'],
    byOperation.map(([operation, calls = []]) => [
      operation,
      number(calls.length / checks, 3),
      number(unitsOf(calls) / calls.length),
      number(unitsOf(calls) / checks, 3),
      calls.filter(({ refused }) => refused).length,
      number(indexUnits(calls), 0),
    ]),
  );
}

function sayWaits({ asked }: Found): void {
  const kinds = { 'the large tenant': true, 'each of 100 small ones': false } as const;
  table(
    ['wait for a check', 'connections', 'mean', 'half within', '99 % within', 'the last'],
    Object.entries(kinds).map(([name, isOfLarge]) => {
      const waits = waitsOf(asked, isOfLarge);
      const marks = [0.5, 0.99, 1].map((share) => quantile(waits, share));
      return [name, waits.length, ...[mean(waits), ...marks].map((wait) => `${number(wait / 1000)} s`)];
    }),
  );
}

function onceVerdicts({ hour, asked, recorded }: Found): readonly Verdict[] {
  const wrong = asked.filter((one) => !wasCheckedOnce(one));
  const never = wrong.filter(({ paths }) => paths.length === 0).length;
  const { delivered, requests } = hour.repeated;
  return [
    {
      passed: hour.enqueued === asked.length && wrong.length === 0,
      claim: `checks: providers are asked once about each of ${asked.length} connections; about ${never} never, about ${wrong.length - never} otherwise`,
    },
    {
      passed: recorded === asked.length,
      claim: `checks: each is recorded as well, for the turn of its slot; ${recorded}`,
    },
    {
      passed: delivered > 0 && requests === 0,
      claim: `checks: a minute that is enqueued again makes no request; ${requests} for ${delivered} checks delivered again`,
    },
    {
      passed: hour.after.failed === 0,
      claim: `checks: no message fails; ${hour.after.failed} of ${hour.after.messages}`,
    },
  ];
}

function capacityVerdicts({ hour, asked }: Found): readonly Verdict[] {
  const writes = hour.calls.filter(({ operation }) => WRITING.test(operation));
  const records = writes.filter(({ operation }) => operation === RECORDING);
  const most = Math.max(...records.map(({ units }) => units));
  const shared = writes.length - records.length;
  return [
    {
      passed: records.length === asked.length && most <= 1,
      claim: `checks: one that finds nothing new writes once, one unit at most; ${records.length} writes, the largest of ${number(most, 0)}; besides, ${number(shared / asked.length, 3)} a check for budgets and the agenda`,
    },
    {
      passed: indexUnits(writes) === 0,
      claim: `checks: one that finds nothing new touches no index; ${number(indexUnits(writes), 0)} units`,
    },
  ];
}

function resourceVerdicts({ hour, asked }: Found): readonly Verdict[] {
  const { peakMegabytes } = hour.after;
  const [large, small] = [true, false].map((isOfLarge) => mean(waitsOf(asked, isOfLarge)) / 1000);
  return [
    {
      passed: peakMegabytes <= MEMORY_MEGABYTES,
      claim: `checks: the functions keep within ${MEMORY_MEGABYTES} MB; ${number(peakMegabytes, 0)}`,
    },
    {
      passed: (small ?? Number.NaN) <= (large ?? Number.NaN) * AS_LONG,
      claim: `checks: a tenant with 100 times the connections keeps others waiting no longer than itself; ${number(small ?? Number.NaN)} s against ${number(large ?? Number.NaN)}`,
    },
  ];
}

function waitsOf(asked: readonly Asked[], isOfLarge: boolean): readonly number[] {
  return asked
    .filter(({ due, paths }) => due.isOfLarge === isOfLarge && paths.length > 0)
    .map(({ waited }) => waited);
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
