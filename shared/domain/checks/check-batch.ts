import type { Verification } from '../credentials/verification.ts';
import { type CheckDuePorts, checkDue } from './check-due.ts';
import type { CallBudget, CheckBatch, CheckQueue } from './ports.ts';
import { isSuperseded, secondsSince } from './slots.ts';

type CheckBatchPorts = CheckDuePorts & CallBudget & CheckQueue;
type Ref = CheckBatch['connections'][number];

/** How many connections of a batch are checked at a time. */
const AT_A_TIME = 10;
/** How long a provider is left alone when none of its answers was one. */
const TROUBLE_PAUSE_SECONDS = 60;

/** What came of a batch: how many checks had each outcome, and how many are still to be made. */
export interface BatchReport {
  /** How long ago its turn came when it was taken up; 0 where the next had come, which has a batch of its own. */
  readonly secondsLate: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly postponed: number;
}

/**
 * Checks a batch as far as the provider's budget goes; the rest is put back for later. A provider that says to
 * wait, or gives no answer at all, is left alone for a while, so that its trouble takes no time from others.
 * A batch whose next turn has come is left to that.
 *
 * @throws AggregateError when checks failed for a fault of ours; the batch is then repeated, and what was
 * checked is known by its turn.
 */
export async function checkBatch(batch: CheckBatch, ports: CheckBatchPorts): Promise<BatchReport> {
  const tally = new Map<Verification['outcome'], number>();
  const failures: unknown[] = [];
  const superseded = isSuperseded(batch, ports);
  const secondsLate = superseded ? 0 : secondsSince(batch.turn, ports);
  let rest = superseded ? [] : batch.connections;
  let wait = 0;
  while (rest.length > 0 && wait === 0) {
    const round = await checkRound(batch, rest, ports);
    for (const { outcome } of round.answers) tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
    failures.push(...round.failures);
    rest = round.rest;
    wait = round.wait;
  }
  if (rest.length > 0) await ports.enqueueChecks([{ ...batch, connections: rest }], wait);
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} checks failed.`);
  return { secondsLate, outcomes: Object.fromEntries(tally), postponed: rest.length };
}

interface Round {
  readonly answers: readonly Verification[];
  readonly failures: readonly unknown[];
  /** What is still to be checked. */
  readonly rest: readonly Ref[];
  /** For how many seconds the provider is to be left alone; 0 to go on. */
  readonly wait: number;
}

/** Checks the next few of a batch. */
async function checkRound(
  batch: CheckBatch,
  pending: readonly Ref[],
  ports: CheckBatchPorts,
): Promise<Round> {
  const { providerId, turn } = batch;
  const wanted = pending.slice(0, AT_A_TIME);
  const budget = await ports.takeCalls(providerId, wanted.length, ports.clock.now());
  const taken = wanted.slice(0, budget.granted);
  const results = await Promise.allSettled(taken.map((ref) => checkDue(ref, turn, ports)));
  const answers = results.flatMap((result) =>
    result.status === 'fulfilled' && result.value ? [result.value] : [],
  );
  const limited = taken.filter((_, index) => isLimited(results[index]));
  const pause = pauseAfter(answers);
  if (pause > 0) await ports.pauseCalls(providerId, pause, ports.clock.now());
  return {
    answers,
    failures: results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])),
    rest: [...limited, ...pending.slice(budget.granted)],
    wait: Math.max(pause, budget.granted < wanted.length ? budget.retryAfterSeconds : 0),
  };
}

function isLimited(result: PromiseSettledResult<Verification | null> | undefined): boolean {
  return result?.status === 'fulfilled' && result.value?.outcome === 'rate_limited';
}

function pauseAfter(answers: readonly Verification[]): number {
  const limits = answers.map((answer) => (answer.outcome === 'rate_limited' ? answer.retryAfterSeconds : 0));
  const silent = answers.length > 0 && answers.every(({ outcome }) => outcome === 'unavailable');
  return Math.max(0, ...limits, silent ? TROUBLE_PAUSE_SECONDS : 0);
}
