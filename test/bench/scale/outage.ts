import type { DueConnection } from '../../../shared/domain/checks/ports.ts';
import type { StoredConnection } from '../../../shared/domain/model/connection.ts';
import { formatNumber, printLine, printTable, type Verdict } from '../print.ts';
import { hourlyProviders, slotsOf } from './fill.ts';
import type { ScaleBench } from './open.ts';
import { type SimulatedCheck, type SimulationResult, simulate } from './simulate.ts';

/** Calls a second of a provider that the settings do not name. */
const DEFAULT_BUDGET = 20;
const SECONDS = 3_600;
const OUTAGE_MINUTES = 60;
const MINUTES = { normal: 60, outage: 120 } as const;
/** Checks that each of the concurrent workers makes in a second: 250 in 2.5 s. */
const CHECKS_PER_WORKER = 100;
/** Twice what the checks take on average. */
const HEADROOM = 2;
/** A check is in time that is made this long after it was due. */
const IN_TIME_SECONDS = 60;
/** A provider that uses nearly all of its budget waits too, as some minutes have more checks than others. */
const WITHIN = 0.9;
/** An outage's checks take as long again with twice the capacity, and some minutes more with what providers bound. */
const CATCH_UP_SECONDS = 5_400;

/** A scenario, and what came of it. */
interface Scenario {
  readonly name: string;
  readonly outageMinutes: number;
  /** True: the stage's settings give each provider twice the calls that its connections need. */
  readonly hasBudgets: boolean;
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'normal, budgets that suffice', outageMinutes: 0, hasBudgets: true },
  { name: 'normal, 20 calls a second each', outageMinutes: 0, hasBudgets: false },
  { name: 'after an hour, budgets that suffice', outageMinutes: OUTAGE_MINUTES, hasBudgets: true },
  { name: 'after an hour, 20 calls a second each', outageMinutes: OUTAGE_MINUTES, hasBudgets: false },
];

/** Simulates an hour, and two after an hour without the scheduler. */
export async function outageVerdicts({ ports, size }: ScaleBench): Promise<readonly Verdict[]> {
  const slots = slotsOf(size);
  const { connections } = size;
  const counts = countByProvider(slots);
  const samples = await sampleOf(slots.slice(0, size.slots), ports.connections.find);
  const concurrency = Math.max(2, Math.ceil(((connections / SECONDS) * HEADROOM) / CHECKS_PER_WORKER));
  const budgets = budgetsFor(counts);
  printBudgets(counts, budgets, concurrency);
  const results: (SimulationResult & Scenario)[] = [];
  for (const scenario of SCENARIOS) {
    const perSecondOf = scenario.hasBudgets ? budgets : {};
    const { outageMinutes } = scenario;
    const minutes = outageMinutes > 0 ? MINUTES.outage : MINUTES.normal;
    const simulation = { slots, ports, samples, concurrency, perSecondOf, outageMinutes, minutes };
    results.push({ ...scenario, ...(await simulate(simulation)) });
  }
  printScenarios(results);
  return verdictsOf(results, counts);
}

function verdictsOf(
  results: readonly (SimulationResult & Scenario)[],
  counts: ReadonlyMap<string, number>,
): readonly Verdict[] {
  const [normal, limited, outage] = results;
  if (!normal || !limited || !outage) throw new Error('A scenario is missing.');
  const isWithin = ({ providerId }: SimulatedCheck) => {
    const calls = (counts.get(providerId) ?? 0) * callsOf(providerId);
    return calls <= DEFAULT_BUDGET * SECONDS * WITHIN;
  };
  const others = latestOf(limited.checks.filter(isWithin));
  const caughtUp = caughtUpAfter(outage.checks);
  return [
    {
      passed: latestOf(normal.checks) <= IN_TIME_SECONDS && normal.superseded === 0,
      claim: `scale: with budgets that suffice, each check is made within a minute; the latest after ${formatNumber(latestOf(normal.checks), 1)} s`,
    },
    {
      passed: others <= IN_TIME_SECONDS,
      claim: `scale: a provider over its budget delays no other; their latest check after ${formatNumber(others, 1)} s`,
    },
    {
      passed: caughtUp <= CATCH_UP_SECONDS,
      claim: `scale: after an outage of an hour, checks are in time again within an hour and a half; after ${formatNumber(caughtUp / 60, 0)} minutes, ${outage.superseded} were dropped as their next one was due`,
    },
  ];
}

function printBudgets(
  counts: ReadonlyMap<string, number>,
  budgets: Readonly<Record<string, number>>,
  concurrency: number,
): void {
  const over = [...counts].filter(([id, count]) => count * callsOf(id) > DEFAULT_BUDGET * SECONDS).length;
  printLine(`Simulated with the code of scheduler, worker and call budgets, on a clock of its own: concurrency ${concurrency}, ten
checks of a message in half a second. ${over} of ${counts.size} providers have more connections than 20 calls a second check in an hour.
`);
  const rows = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, 3);
  printTable(
    ['most frequent providers', 'connections', 'checks a second', 'callsPerSecondOf'],
    rows.map(([id, count]) => [id, count, formatNumber(count / SECONDS, 1), budgets[id] ?? DEFAULT_BUDGET]),
  );
}

function printScenarios(results: readonly (SimulationResult & Scenario)[]): void {
  printTable(
    [
      'an hour; two after an outage',
      'checks',
      'dropped',
      'waiting',
      'late: p50',
      'p99',
      'maximum',
      'in time after',
    ],
    results.map(({ name, checks, superseded, waiting }) => {
      const late = Float64Array.from(checks, lateness).toSorted();
      const at = (share: number) => late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? 0;
      const minutes = formatNumber(caughtUpAfter(checks) / 60, 0);
      return [
        name,
        checks.length,
        superseded,
        waiting,
        ...[0.5, 0.99, 1].map((share) => `${formatNumber(at(share), 0)} s`),
        `${minutes} min`,
      ];
    }),
  );
}

function lateness({ dueAt, madeAt }: SimulatedCheck): number {
  return madeAt - dueAt;
}

function latestOf(checks: readonly SimulatedCheck[]): number {
  return checks.reduce((latest, check) => Math.max(latest, lateness(check)), 0);
}

/** Returns the seconds from the start to the last check that was not in time. */
function caughtUpAfter(checks: readonly SimulatedCheck[]): number {
  return checks.reduce(
    (last, check) => (lateness(check) > IN_TIME_SECONDS ? Math.max(last, check.madeAt) : last),
    0,
  );
}

function countByProvider(slots: readonly (readonly DueConnection[])[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const due of slots) {
    for (const { providerId } of due) counts.set(providerId, (counts.get(providerId) ?? 0) + 1);
  }
  return counts;
}

/** Returns twice the calls a second that each provider's connections need, where the default does not suffice for those. */
function budgetsFor(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  const needed = [...counts].map(
    ([id, count]) => [id, Math.ceil(((count * callsOf(id)) / SECONDS) * HEADROOM)] as const,
  );
  return Object.fromEntries(needed.filter(([, perSecond]) => perSecond > DEFAULT_BUDGET));
}

/** Returns the calls of one check of a provider. */
function callsOf(id: string): number {
  return CALLS.get(id) ?? 1;
}

const CALLS = new Map(hourlyProviders().map(({ id, expiry }) => [id, expiry?.request ? 2 : 1]));

/** Returns one active connection of each provider. */
async function sampleOf(
  slots: readonly (readonly DueConnection[])[],
  find: ScaleBench['ports']['connections']['find'],
): Promise<ReadonlyMap<string, StoredConnection>> {
  const samples = new Map<string, StoredConnection>();
  for (const ref of slots.flat()) {
    if (samples.has(ref.providerId)) continue;
    const stored = await find(ref);
    if (stored?.connection.status === 'active') samples.set(ref.providerId, stored);
  }
  return samples;
}
