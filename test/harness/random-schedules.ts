import fc from 'fast-check';
import { expect } from 'vitest';
import type { SimulatedDeployment } from './deployment.ts';
import type { FaultInjector, FaultKind } from './fault-injector.ts';
import { outcomeViolations, type Side } from './interleavings.ts';
import type { InDeployment } from './simulated-deployments.ts';

interface Schedules {
  /** Seconds after which leases expire. */
  readonly expirySeconds: number;
  /** More than all calls of the processes together. */
  readonly maxSteps: number;
  readonly runs: number;
}

/**
 * Runs operations in generated schedules, each in a new deployment, and stops at the first one that violates an invariant.
 */
export function assertSchedules(
  inDeployment: InDeployment,
  { expirySeconds, maxSteps, runs: numRuns }: Schedules,
  operationsIn: (deployment: SimulatedDeployment) => Promise<readonly Side[]>,
): Promise<void> {
  const property = fc.asyncProperty(schedules(expirySeconds, maxSteps), (schedule) =>
    inDeployment(async (deployment) => {
      expect(await runSchedule(deployment, await operationsIn(deployment), schedule)).toEqual([]);
    }),
  );
  return fc.assert(property, { numRuns, endOnFailure: true });
}

/** One decision of a schedule: which process makes its next call, and what happens to that call. */
interface Step {
  /** Index of the process, modulo the number of those that still run. */
  readonly process: number;
  readonly crash: 'crash_before' | 'crash_after' | null;
  /** Seconds that pass before the call. */
  readonly seconds: number;
}

/**
 * Generates schedules. A process crashes at one call in twenty; leases expire at one in ten, also those of processes
 * that still run.
 */
function schedules(expirySeconds: number, maxSteps: number): fc.Arbitrary<readonly Step[]> {
  const step = fc.record({
    process: fc.nat({ max: 59 }),
    crash: fc.oneof(
      { weight: 38, arbitrary: fc.constant(null) },
      { weight: 2, arbitrary: fc.constantFrom('crash_before' as const, 'crash_after' as const) },
    ),
    seconds: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, expirySeconds),
  });
  return fc.array(step, { maxLength: maxSteps, size: 'max' });
}

/**
 * Runs operations at the same time, each in a process of its own, in the order of calls that the schedule decides; once
 * it ends, the operations finish one by one. The invariants must hold after every call and in the end.
 *
 * @returns in words what went wrong; empty when nothing did.
 */
async function runSchedule(
  deployment: SimulatedDeployment,
  operations: readonly Side[],
  schedule: readonly Step[],
): Promise<readonly string[]> {
  const processes = operations.map((operation) => new SteppedProcess(deployment, operation));
  const violations: string[] = [];
  for (let index = 0; ; index += 1) {
    const running = processes.filter(({ hasEnded }) => !hasEnded);
    if (running.length === 0) break;
    const { process, crash, seconds } = schedule[index] ?? { process: 0, crash: null, seconds: 0 };
    deployment.advance(seconds);
    await running[process % running.length]?.step(crash ?? undefined);
    const found = await deployment.momentaryViolations();
    violations.push(...found.map((violation) => `after step ${index}: ${violation}`));
  }
  const state = await deployment.recover();
  violations.push(...(await deployment.invariantViolations(state)));
  for (const [index, { operation, injector, error }] of processes.entries()) {
    const found = injector.crashed
      ? (operation.count?.(state) ?? 0) > 1
        ? ['crashed and took effect more than once']
        : []
      : outcomeViolations(operation, error, state);
    violations.push(...found.map((violation) => `process ${index} ${violation}`));
  }
  return violations;
}

/** A process that makes its calls one at a time, when the schedule lets it. Its operation makes no parallel calls. */
class SteppedProcess {
  readonly operation: Side;
  readonly injector: FaultInjector;
  /** The error of the operation once it failed. */
  error: unknown;
  hasEnded = false;
  readonly #run: () => Promise<unknown>;
  #resume: ((fault: FaultKind | undefined) => void) | undefined;
  #paused = Promise.withResolvers<void>();
  #outcome: Promise<void> | undefined;

  constructor(deployment: SimulatedDeployment, operation: Side) {
    const beforeCall = () =>
      new Promise<FaultKind | undefined>((resolve) => {
        this.#resume = resolve;
        this.#paused.resolve();
      });
    const { ports, injector } = deployment.process({ beforeCall });
    this.operation = operation;
    this.injector = injector;
    this.#run = () => operation.run(ports);
  }

  /** Starts the operation, or lets it make its next call; resolves when it pauses at the one after, or ends. */
  async step(fault: FaultKind | undefined): Promise<void> {
    this.#paused = Promise.withResolvers();
    const resume = this.#resume;
    this.#resume = undefined;
    if (resume) resume(fault);
    else this.#outcome ??= this.#start();
    await Promise.race([this.#paused.promise, this.#outcome]);
  }

  async #start(): Promise<void> {
    try {
      await this.#run();
    } catch (error) {
      this.error = error ?? new Error('It failed with nothing.');
    }
    this.hasEnded = true;
  }
}
