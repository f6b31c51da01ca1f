import type { Verification } from '../credentials/verification.ts';
import { type CheckDuePorts, checkDue } from './check-due.ts';
import { cooldownAfter } from './circuit-breaker.ts';
import { checkProgress } from './last-check.ts';
import type { CallBudget, CheckBatch, LastCheckReader } from './ports.ts';

export type CheckRoundPorts = CheckDuePorts & LastCheckReader & CallBudget;
export type Ref = CheckBatch['connections'][number];

/** How many connections of a batch are checked at a time. */
const AT_A_TIME = 10;

/** Checks that are put off together. */
export interface Postponed {
  readonly connections: readonly Ref[];
  readonly seconds: number;
}

/** A check that came to nothing for a fault of ours. */
export interface Failed {
  readonly ref: Ref;
  readonly error: Error;
}

export interface Round {
  readonly responses: readonly Verification[];
  readonly failures: readonly Failed[];
  readonly later: readonly Postponed[];
  /** What is to be checked now. */
  readonly rest: readonly Ref[];
}

/**
 * Checks the next few of a batch, as far as the provider's budget goes. Nothing is taken from it for what another
 * delivery has checked already, nor for a connection that the provider said to wait for.
 *
 * @throws DomainError `busy`.
 */
export async function checkRound(
  batch: CheckBatch,
  pending: readonly Ref[],
  ports: CheckRoundPorts,
): Promise<Round> {
  const { providerId, scheduledFor } = batch;
  const looks = await Promise.all(pending.slice(0, AT_A_TIME).map((ref) => lookAt(ref, scheduledFor, ports)));
  const due = looks.flatMap(({ ref, isDue }) => (isDue ? ref : []));
  const { granted, retryAfterSeconds } = await takeTokens(batch, due.length, ports);
  const checks = await Promise.all(due.slice(0, granted).map((ref) => checkOne(ref, scheduledFor, ports)));
  const responses = checks.flatMap(({ answer }) => answer ?? []);
  const failures = [...looks, ...checks].flatMap(({ ref, error }) => (error ? { ref, error } : []));
  const waiting = looks.flatMap(({ ref, waitSeconds }) =>
    waitSeconds > 0 ? together([ref], waitSeconds) : [],
  );
  const limited = checks.flatMap(({ ref, answer }) =>
    answer?.outcome === 'rate_limited' ? together([ref], answer.retryAfterSeconds) : [],
  );
  const behind = [...due.slice(granted), ...pending.slice(AT_A_TIME)];
  const pause = cooldownAfter(responses);
  if (pause > 0) {
    await ports.startCooldown(providerId, pause, ports.clock.now());
    const all = [...behind, ...limited.flatMap(({ connections }) => connections)];
    return { responses, failures, later: [...waiting, ...together(all, pause)], rest: [] };
  }
  const later = [...waiting, ...limited];
  if (granted === due.length) return { responses, failures, later, rest: behind };
  return { responses, failures, later: [...later, ...together(behind, retryAfterSeconds)], rest: [] };
}

interface Look {
  readonly ref: Ref;
  readonly isDue: boolean;
  /** For how long the provider said to wait. */
  readonly waitSeconds: number;
  readonly error?: Error;
}

async function lookAt(ref: Ref, scheduledFor: string, ports: CheckRoundPorts): Promise<Look> {
  try {
    const last = await ports.findLastCheck(ref.connectionId);
    const { isDone, waitSeconds } = checkProgress(last, scheduledFor, ports.clock.now());
    if (isDone) return { ref, isDue: false, waitSeconds: 0 };
    return { ref, isDue: waitSeconds === 0, waitSeconds };
  } catch (cause) {
    return { ref, isDue: false, waitSeconds: 0, error: failureOf(ref, cause) };
  }
}

async function takeTokens(
  { providerId, isReported: isUrgent = false }: CheckBatch,
  checks: number,
  ports: CheckRoundPorts,
) {
  if (checks === 0) return { granted: 0, retryAfterSeconds: 0 };
  const tokensPerCheck = ports.catalog.get(providerId)?.expiry?.request ? 2 : 1;
  return ports.takeTokens(providerId, { checks, tokensPerCheck, isUrgent }, ports.clock.now());
}

interface Check {
  readonly ref: Ref;
  /** Null where there was nothing to do, and where it failed. */
  readonly answer: Verification | null;
  readonly error?: Error;
}

async function checkOne(ref: Ref, scheduledFor: string, ports: CheckRoundPorts): Promise<Check> {
  try {
    return { ref, answer: await checkDue(ref, scheduledFor, ports) };
  } catch (cause) {
    return { ref, answer: null, error: failureOf(ref, cause) };
  }
}

function failureOf({ connectionId }: Ref, cause: unknown): Error {
  return new Error(`The check of ${connectionId} failed.`, { cause });
}

/** Those connections put off for so long; nothing where there are none. */
export function together(connections: readonly Ref[], seconds: number): readonly Postponed[] {
  return connections.length === 0 ? [] : [{ connections, seconds }];
}
