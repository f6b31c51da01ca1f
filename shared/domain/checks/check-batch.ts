import type { CallLimitsPort, Verification } from '../credentials/verification.ts';
import type { ConnectionRef } from '../model/connection.ts';
import { type CheckPorts, checkProgress, checkScheduled } from './check.ts';
import type { CheckBatch, CheckQueue, LastCheckReader } from './ports.ts';
import { isSuperseded, secondsSince } from './slots.ts';
import {
  type CallBudget,
  callRateOf,
  callsPerCheck,
  cooldownAfter,
  type TokenGrant,
} from './token-bucket.ts';

export type CheckBatchPorts = CheckPorts &
  CallLimitsPort & {
    readonly lastChecks: LastCheckReader;
    readonly callBudget: CallBudget;
    readonly checkQueue: CheckQueue;
  };

/** Connections of a batch that are checked at the same time. */
const CONCURRENCY = 10;
/** Delay of a failed check when other checks of its batch succeeded. */
const RETRY_SECONDS = 60;

/** Result of a batch. */
export interface BatchReport {
  /** Seconds between the scheduled time and the start of the batch; 0 for a superseded batch. */
  readonly secondsLate: number;
  /** Number of checks by outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Number of checks that were re-enqueued because of the provider's limits. */
  readonly postponed: number;
  /** Number of checks that were dropped because the next scheduled check is due. */
  readonly superseded: number;
  /** Checks that failed for a reason on our side. */
  readonly failures: readonly Error[];
  /** True if every unfinished check was re-enqueued. False: fail the message, so that SQS redelivers it. */
  readonly isDone: boolean;
}

const EMPTY_REPORT: BatchReport = {
  secondsLate: 0,
  outcomes: {},
  postponed: 0,
  superseded: 0,
  failures: [],
  isDone: true,
};

/**
 * Checks the connections of a batch as far as the provider's budget allows, and re-enqueues the rest. A provider that
 * limits many calls, or responds to none, gets a cooldown, so that its failure takes no time from other providers; a
 * single rate-limited connection is re-enqueued alone. A superseded batch is dropped.
 *
 * A failed check is re-enqueued alone too, so that its dead letter takes no other check with it. When all checks fail,
 * the message fails, and SQS counts its deliveries.
 *
 * @throws DomainError `busy`; SQS redelivers the message, and completed checks are skipped by their scheduled time.
 */
export async function checkBatch(batch: CheckBatch, ports: CheckBatchPorts): Promise<BatchReport> {
  if (isSuperseded(batch, ports)) return { ...EMPTY_REPORT, superseded: batch.connections.length };
  const secondsLate = secondsSince(batch.scheduledFor, ports);
  const verifications: Verification[] = [];
  const failures: FailedCheck[] = [];
  const postponed: Postponed[] = [];
  let remaining = batch.connections;
  while (remaining.length > 0) {
    const result = await checkNext(batch, remaining, ports);
    verifications.push(...result.verifications);
    failures.push(...result.failures);
    postponed.push(...result.postponed);
    remaining = result.remaining;
  }
  const isDone = failures.length < batch.connections.length;
  const failed = failures.map(({ ref }) => ref);
  if (isDone) await reenqueue(batch, [...postponed, ...postpone(failed, RETRY_SECONDS)], ports);
  return {
    ...EMPTY_REPORT,
    secondsLate,
    outcomes: countByOutcome(verifications),
    postponed: postponed.reduce((sum, { connections }) => sum + connections.length, 0),
    failures: failures.map(({ error }) => error),
    isDone,
  };
}

interface FailedCheck {
  readonly ref: ConnectionRef;
  readonly error: Error;
}

/** Checks that are re-enqueued together. */
interface Postponed {
  readonly connections: readonly ConnectionRef[];
  readonly seconds: number;
  /** True if the tokens of these checks are reserved. */
  readonly isReserved?: boolean;
}

interface PartialResult {
  readonly verifications: readonly Verification[];
  readonly failures: readonly FailedCheck[];
  readonly postponed: readonly Postponed[];
  readonly remaining: readonly ConnectionRef[];
}

/**
 * Checks the next connections of a batch. Checks that another delivery completed, and connections whose provider asked
 * for a delay, take no tokens.
 */
async function checkNext(
  batch: CheckBatch,
  remaining: readonly ConnectionRef[],
  ports: CheckBatchPorts,
): Promise<PartialResult> {
  const { providerId, scheduledFor } = batch;
  const next = remaining.slice(0, CONCURRENCY);
  const states = await Promise.all(next.map((ref) => readProgress(ref, scheduledFor, ports)));
  const due = states.flatMap(({ ref, isDue }) => (isDue ? ref : []));
  const following = remaining.length - next.length;
  const { granted, ...grant } = await takeTokens(batch, { checks: due.length, following }, ports);
  const checks = await Promise.all(due.slice(0, granted).map((ref) => checkOne(ref, scheduledFor, ports)));
  const verifications = checks.flatMap(({ verification }) => verification ?? []);
  const failures = [...states, ...checks].flatMap(({ ref, error }) => (error ? { ref, error } : []));
  const delayed = states.flatMap(({ ref, waitSeconds }) =>
    waitSeconds > 0 ? postpone([ref], waitSeconds) : [],
  );
  const rateLimited = checks.flatMap(({ ref, verification }) =>
    verification?.outcome === 'rate_limited' ? postpone([ref], verification.retryAfterSeconds) : [],
  );
  const unchecked = [...due.slice(granted), ...remaining.slice(CONCURRENCY)];
  const cooldown = cooldownAfter(verifications);
  if (cooldown > 0) {
    await ports.callBudget.startCooldown(providerId, cooldown, ports.clock.now());
    const all = [...unchecked, ...rateLimited.flatMap(({ connections }) => connections)];
    return { verifications, failures, postponed: [...delayed, ...postpone(all, cooldown)], remaining: [] };
  }
  const postponed = [...delayed, ...rateLimited];
  if (granted === due.length) return { verifications, failures, postponed, remaining: unchecked };
  const overBudget = postpone(unchecked, grant.retryAfterSeconds, grant.isReserved);
  return { verifications, failures, postponed: [...postponed, ...overBudget], remaining: [] };
}

interface Progress {
  readonly ref: ConnectionRef;
  readonly isDue: boolean;
  /** Seconds until the provider allows the check. */
  readonly waitSeconds: number;
  readonly error?: Error;
}

async function readProgress(
  ref: ConnectionRef,
  scheduledFor: string,
  { lastChecks, clock }: CheckBatchPorts,
): Promise<Progress> {
  try {
    // A delivery that is repeated within a second makes the check twice, which changes nothing.
    const lastCheck = await lastChecks.findEventual(ref.connectionId);
    const { isCompleted, waitSeconds } = checkProgress(lastCheck, scheduledFor, clock.now());
    if (isCompleted) return { ref, isDue: false, waitSeconds: 0 };
    return { ref, isDue: waitSeconds === 0, waitSeconds };
  } catch (cause) {
    return { ref, isDue: false, waitSeconds: 0, error: checkError(ref, cause) };
  }
}

async function takeTokens(
  { providerId, isReported: isUrgent = false, isReserved = false }: CheckBatch,
  { checks, following }: { readonly checks: number; readonly following: number },
  { catalog, callBudget, callLimits, clock }: CheckBatchPorts,
): Promise<TokenGrant> {
  if (checks === 0) return { granted: 0, retryAfterSeconds: 0, isReserved };
  const provider = catalog.get(providerId);
  const request = {
    checks,
    following,
    tokensPerCheck: callsPerCheck(provider),
    isUrgent,
    isReserved,
    rate: callRateOf(providerId, provider?.limits, callLimits),
  };
  return callBudget.takeTokens(providerId, request, clock.now());
}

interface Check {
  readonly ref: ConnectionRef;
  /** Null when there was nothing to check, or the check failed. */
  readonly verification: Verification | null;
  readonly error?: Error;
}

async function checkOne(ref: ConnectionRef, scheduledFor: string, ports: CheckBatchPorts): Promise<Check> {
  try {
    return { ref, verification: await checkScheduled(ref, scheduledFor, ports) };
  } catch (cause) {
    return { ref, verification: null, error: checkError(ref, cause) };
  }
}

function checkError({ connectionId }: ConnectionRef, cause: unknown): Error {
  return new Error(`The check of ${connectionId} failed.`, { cause });
}

function postpone(
  connections: readonly ConnectionRef[],
  seconds: number,
  isReserved = false,
): readonly Postponed[] {
  return connections.length === 0 ? [] : [{ connections, seconds, isReserved }];
}

/** Re-enqueues checks. A reported check is urgent once; postponed, it is a check like any other. */
async function reenqueue(
  { scheduledFor, providerId, correlationId }: CheckBatch,
  postponed: readonly Postponed[],
  { checkQueue }: CheckBatchPorts,
): Promise<void> {
  await checkQueue.enqueue(
    postponed.map(({ connections, seconds, isReserved }) => ({
      scheduledFor,
      providerId,
      correlationId,
      connections,
      ...(isReserved && { isReserved }),
      delaySeconds: seconds,
    })),
  );
}

function countByOutcome(verifications: readonly Verification[]): BatchReport['outcomes'] {
  const grouped = Object.entries(Object.groupBy(verifications, ({ outcome }) => outcome));
  return Object.fromEntries(grouped.map(([outcome, { length }]) => [outcome, length]));
}
