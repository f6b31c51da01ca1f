import { DomainError, type ErrorCode } from '../../shared/domain/errors.ts';
import type { SimulatedDeployment } from './deployment.ts';
import { barrierAt, type CallSelector } from './fault-injector.ts';
import { inParallel } from './in-parallel.ts';
import { isRefusal, type Operation } from './operations.ts';
import type { InDeployment } from './simulated-deployments.ts';
import type { StoredState } from './stored-state.ts';

/** One of several operations that run at the same time. */
export interface Side extends Operation {
  /** Refusals that the other operations may cause. */
  readonly refusals?: readonly ErrorCode[];
}

/** Two operations that run at the same time. */
export interface Pair {
  readonly sides: readonly [first: Side, second: Side];
  /** Seconds that pass while the first operation is paused, before the second starts. */
  readonly secondsBetween?: number;
  /** The allowed numbers of connections in the end. */
  readonly connections: readonly number[];
  /** Runs once both sides have ended, before the recovery, and returns in words what is wrong. */
  readonly afterwards?: () => Promise<readonly string[]>;
}

export type PairScenario = (deployment: SimulatedDeployment) => Promise<Pair>;

/**
 * Runs two operations in every order of their calls with two switches: the first up to a call, the second up to a write
 * or to its end, the first to its end, the second to its end. Each order runs in a new deployment, whose invariants must
 * hold at both switches and in the end.
 *
 * @returns in words what went wrong; empty when nothing did.
 */
export async function everyInterleaving(
  inDeployment: InDeployment,
  scenario: PairScenario,
): Promise<readonly string[]> {
  const callCount = await inDeployment((deployment) => countCallsOfFirst(deployment, scenario));
  const calls = Array.from({ length: callCount }, (_, call) => call);
  const found = await inParallel(calls, 4, async (call) => {
    const violations: string[] = [];
    for (let write = 0, hasEnded = false; !hasEnded; write += 1) {
      const run = await inDeployment((deployment) => interleave(deployment, scenario, { call, write }));
      const order = `first paused at call ${call}, second ${run.hasEnded ? 'ended' : `paused at write ${write}`}`;
      violations.push(...run.violations.map((violation) => `${order}: ${violation}`));
      hasEnded = run.hasEnded;
    }
    return violations;
  });
  return found.flat();
}

async function countCallsOfFirst(deployment: SimulatedDeployment, scenario: PairScenario): Promise<number> {
  const { sides } = await scenario(deployment);
  const { ports, injector } = deployment.process();
  await sides[0].run(ports).catch((error: unknown) => {
    if (!isRefusal(error, sides[0].refusals)) throw error;
  });
  return injector.calls.length;
}

interface Switches {
  readonly call: number;
  readonly write: number;
}

async function interleave(
  deployment: SimulatedDeployment,
  scenario: PairScenario,
  { call, write }: Switches,
) {
  const { sides, secondsBetween = 0, connections, afterwards } = await scenario(deployment);
  const first = start(deployment, sides[0], call);
  await first.pausedOrEnded;
  const violations = [...(await deployment.momentaryViolations())];
  deployment.advance(secondsBetween);
  const second = start(deployment, sides[1], { write });
  const hasEnded = (await second.pausedOrEnded) === 'ended';
  violations.push(...(await deployment.momentaryViolations()));
  const errors = [await first.finish(), await second.finish()];
  if (afterwards) violations.push(...(await afterwards()));
  const state = await deployment.recover();
  violations.push(
    ...(await deployment.invariantViolations(state)),
    ...sides.flatMap((side, index) =>
      outcomeViolations(side, errors[index], state).map((it) => `${index === 0 ? 'first' : 'second'} ${it}`),
    ),
  );
  const { length } = state.connections;
  if (!connections.includes(length))
    violations.push(`${length} connections, not ${connections.join(' or ')}`);
  return { violations, hasEnded };
}

/** Starts an operation in a process of its own, which pauses at the selected call. */
function start(deployment: SimulatedDeployment, { run }: Operation, pauseAt: CallSelector) {
  const barrier = barrierAt(pauseAt);
  const outcome = run(deployment.process({ barrier }).ports).then(
    () => undefined,
    (error: unknown) => error ?? new Error('It failed with nothing.'),
  );
  return {
    pausedOrEnded: Promise.race([barrier.reached.promise, outcome.then(() => 'ended' as const)]),
    /** Lets the operation run to its end, and returns its error if it failed. */
    finish() {
      barrier.released.resolve();
      return outcome;
    },
  };
}

/** An operation that succeeded took effect once, and one that was refused did not; it may fail in no other way. */
export function outcomeViolations({ count, refusals }: Side, error: unknown, state: StoredState): string[] {
  const isSuccess = error === undefined;
  const times = count?.(state);
  return [
    ...(isSuccess || isRefusal(error, refusals) ? [] : [`failed: ${describe(error)}`]),
    ...(times === undefined || times === Number(isSuccess)
      ? []
      : [`${isSuccess ? 'succeeded' : 'was refused'} and took effect ${times} times`]),
  ];
}

function describe(error: unknown): string {
  return error instanceof DomainError ? error.code : String(error);
}
