import type { Verification } from '../credentials/verification.ts';
import { type CheckDuePorts, checkDue } from './check-due.ts';
import type { CallBudget, CheckBatch, CheckQueue } from './ports.ts';
import { isSuperseded, secondsSince } from './slots.ts';
import { pauseAfter } from './trouble.ts';

type CheckBatchPorts = CheckDuePorts & CallBudget & CheckQueue;
type Ref = CheckBatch['connections'][number];

/** How many connections of a batch are checked at a time. */
const AT_A_TIME = 10;

/** What came of a batch: how many checks had each outcome, and how many are still to be made. */
export interface BatchReport {
  /** How long ago its turn came when it was taken up; 0 where the next had come, which has a batch of its own. */
  readonly secondsLate: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly postponed: number;
  /** Checks that came to nothing for a fault of ours. */
  readonly failures: readonly Error[];
}

/**
 * Checks a batch as far as the provider's budget goes; the rest is put back for later. A provider that tells many to
 * wait, or gives no answer at all, is left alone for a while, so that its trouble takes no time from others; a
 * connection that alone is told to wait is put back by itself. A batch whose next turn has come is left to that.
 *
 * Where there are failures nothing is put back: the batch is to be repeated, and what was checked is known by its
 * turn.
 */
export async function checkBatch(batch: CheckBatch, ports: CheckBatchPorts): Promise<BatchReport> {
  const superseded = isSuperseded(batch, ports);
  const secondsLate = superseded ? 0 : secondsSince(batch.turn, ports);
  const answers: Verification[] = [];
  const failures: Error[] = [];
  const later: Postponed[] = [];
  let rest = superseded ? [] : batch.connections;
  while (rest.length > 0) {
    const round = await checkRound(batch, rest, ports);
    answers.push(...round.answers);
    failures.push(...round.failures);
    later.push(...round.later);
    rest = round.rest;
  }
  if (failures.length === 0) await putBack(batch, later, ports);
  const outcomes = Object.groupBy(answers, ({ outcome }) => outcome);
  return {
    secondsLate,
    outcomes: Object.fromEntries(Object.entries(outcomes).map(([outcome, { length }]) => [outcome, length])),
    postponed: later.reduce((sum, { connections }) => sum + connections.length, 0),
    failures,
  };
}

/** Checks that are put off together. */
interface Postponed {
  readonly connections: readonly Ref[];
  readonly seconds: number;
}

interface Round {
  readonly answers: readonly Verification[];
  readonly failures: readonly Error[];
  readonly later: readonly Postponed[];
  /** What is to be checked now. */
  readonly rest: readonly Ref[];
}

/** Checks the next few of a batch. */
async function checkRound(
  { providerId, turn }: CheckBatch,
  pending: readonly Ref[],
  ports: CheckBatchPorts,
): Promise<Round> {
  const wanted = pending.slice(0, AT_A_TIME);
  const budget = await ports.takeCalls(providerId, wanted.length, ports.clock.now());
  const taken = wanted.slice(0, budget.granted);
  const behind = pending.slice(budget.granted);
  const checked = await Promise.all(taken.map((ref) => checkOne(ref, turn, ports)));
  const answers = checked.flatMap(({ answer }) => answer ?? []);
  const failures = checked.flatMap(({ failure }) => failure ?? []);
  const pause = pauseAfter(answers);
  if (pause > 0) {
    await ports.pauseCalls(providerId, pause, ports.clock.now());
    const limited = checked.flatMap(({ ref, answer }) => (answer?.outcome === 'rate_limited' ? ref : []));
    return { answers, failures, later: together([...limited, ...behind], pause), rest: [] };
  }
  const later = checked.flatMap(({ ref, answer }) =>
    answer?.outcome === 'rate_limited' ? together([ref], answer.retryAfterSeconds) : [],
  );
  if (budget.granted === wanted.length) return { answers, failures, later, rest: behind };
  return {
    answers,
    failures,
    later: [...later, ...together(behind, budget.retryAfterSeconds)],
    rest: [],
  };
}

interface Checked {
  readonly ref: Ref;
  /** Null where there was nothing to do, and where it failed. */
  readonly answer: Verification | null;
  readonly failure: Error | null;
}

async function checkOne(ref: Ref, turn: string, ports: CheckBatchPorts): Promise<Checked> {
  try {
    return { ref, answer: await checkDue(ref, turn, ports), failure: null };
  } catch (cause) {
    const failure = new Error(`The check of ${ref.connectionId} failed.`, { cause });
    return { ref, answer: null, failure };
  }
}

function together(connections: readonly Ref[], seconds: number): readonly Postponed[] {
  return connections.length === 0 ? [] : [{ connections, seconds }];
}

async function putBack(
  batch: CheckBatch,
  later: readonly Postponed[],
  { enqueueChecks }: CheckQueue,
): Promise<void> {
  for (const { connections, seconds } of later) await enqueueChecks([{ ...batch, connections }], seconds);
}
