import type { Verification } from '../credentials/verification.ts';
import { type CheckRoundPorts, checkRound, type Failed, type Postponed, together } from './check-round.ts';
import type { CheckBatch, CheckQueue } from './ports.ts';
import { isSuperseded, secondsSince } from './slots.ts';

type CheckBatchPorts = CheckRoundPorts & CheckQueue;

/** How long a check that failed waits where others of its batch went well. */
const FAILED_SECONDS = 60;

/** What came of a batch: how many checks had each outcome, and how many are still to be made. */
export interface BatchReport {
  /** How long ago its turn came when it was taken up; 0 where the next had come, which has a batch of its own. */
  readonly secondsLate: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** How many are put off, for the provider's sake. */
  readonly postponed: number;
  /** How many are left to the next turn, which had come. */
  readonly superseded: number;
  /** Checks that came to nothing for a fault of ours. */
  readonly failures: readonly Error[];
  /** Whether all that is still to be made is in the queue anew; if not, the batch is to be repeated. */
  readonly isDone: boolean;
}

/**
 * Checks a batch as far as the provider's budget goes; the rest is put back for later. A provider that tells many to
 * wait, or gives no answer at all, is left alone for a while, so that its trouble takes no time from others; a
 * connection that alone is told to wait is put back by itself. A batch whose next turn has come is left to that.
 *
 * What failed is put back by itself too, so that it takes nothing else with it when it is given up. Where that is the
 * whole batch, the batch is to be repeated: whoever repeats it counts how often.
 *
 * @throws DomainError `busy`; the batch is then to be repeated, and what was checked is known by its turn.
 */
export async function checkBatch(batch: CheckBatch, ports: CheckBatchPorts): Promise<BatchReport> {
  if (isSuperseded(batch, ports)) return { ...NOTHING, superseded: batch.connections.length };
  const secondsLate = secondsSince(batch.scheduledFor, ports);
  const responses: Verification[] = [];
  const failures: Failed[] = [];
  const later: Postponed[] = [];
  let rest = batch.connections;
  while (rest.length > 0) {
    const round = await checkRound(batch, rest, ports);
    responses.push(...round.responses);
    failures.push(...round.failures);
    later.push(...round.later);
    rest = round.rest;
  }
  const isDone = failures.length < batch.connections.length;
  const failed = failures.map(({ ref }) => ref);
  if (isDone) await putBack(batch, [...later, ...together(failed, FAILED_SECONDS)], ports);
  return {
    ...NOTHING,
    secondsLate,
    outcomes: countByOutcome(responses),
    postponed: later.reduce((sum, { connections }) => sum + connections.length, 0),
    failures: failures.map(({ error }) => error),
    isDone,
  };
}

const NOTHING: BatchReport = {
  secondsLate: 0,
  outcomes: {},
  postponed: 0,
  superseded: 0,
  failures: [],
  isDone: true,
};

function countByOutcome(responses: readonly Verification[]): BatchReport['outcomes'] {
  const grouped = Object.entries(Object.groupBy(responses, ({ outcome }) => outcome));
  return Object.fromEntries(grouped.map(([outcome, { length }]) => [outcome, length]));
}

/** What an engine reported goes first once; put off, it takes its place among the others. */
async function putBack(
  { isReported: _, ...batch }: CheckBatch,
  postponed: readonly Postponed[],
  ports: CheckQueue,
): Promise<void> {
  await ports.enqueueChecks(
    postponed.map(({ connections, seconds }) => ({ ...batch, connections, delaySeconds: seconds })),
  );
}
