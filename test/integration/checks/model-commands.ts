import fc from 'fast-check';
import { expect } from 'vitest';
import { DomainError, type ErrorCode } from '../../../shared/domain/errors.ts';
import type { SimulatedDeployment } from '../../harness/deployment.ts';
import type { FaultPlan } from '../../harness/fault-injector.ts';
import { emptyModel, existing, type Model } from './model.ts';
import { compareModel, compareStored } from './model-comparison.ts';
import { type ModelOperation, OPERATIONS, type PossibleOperation } from './model-operations.ts';

/** A crash of the process that runs a command, before or after one of its writes. */
interface CrashChoice {
  readonly write: number;
  readonly kind: 'crash_before' | 'crash_after';
}

/** The model that one command passes to the next. */
export interface CurrentModel {
  model: Model;
}

/** Within this time of a reminder or expiry, the model cannot know which of two events comes first. */
const TOO_CLOSE_MS = 30_000;

const crashPlan = ({ write, kind }: CrashChoice): FaultPlan => ({
  faults: [{ at: { write }, kind, lasting: false }],
});

class Command implements fc.AsyncCommand<CurrentModel, SimulatedDeployment> {
  readonly #description: string;
  readonly #decide: PossibleOperation[1];
  readonly #crash: CrashChoice | null;

  constructor([description, decide]: PossibleOperation, crash: CrashChoice | null) {
    this.#description = description;
    this.#decide = decide;
    this.#crash = crash;
  }

  check({ model }: Readonly<CurrentModel>): boolean {
    return this.#decide(model, 0) !== null;
  }

  async run(current: CurrentModel, deployment: SimulatedDeployment): Promise<void> {
    const operation = this.#decide(current.model, deployment.now().getTime());
    if (!operation) throw new Error('The operation is impossible.');
    await operation.prepare?.(deployment);
    advanceBeyondReminders(current.model, deployment);
    const now = deployment.now().getTime();
    const after = structuredClone(current.model);
    const expectedRefusal = operation.change(after, now);
    const hasCrashed = await this.#execute(operation, deployment, expectedRefusal);
    const isUncertain = hasCrashed && !operation.isFinished;
    current.model = isUncertain
      ? await this.#recover({ before: current.model, after, now }, operation, deployment)
      : after;
  }

  toString(): string {
    const { write, kind } = this.#crash ?? {};
    return kind === undefined ? this.#description : `${this.#description}, ${kind} of write ${write}`;
  }

  /** Returns true if the process crashed. */
  async #execute(
    operation: ModelOperation,
    deployment: SimulatedDeployment,
    expectedRefusal: ErrorCode | null,
  ): Promise<boolean> {
    const process = this.#crash ? deployment.process(crashPlan(this.#crash)) : deployment.faultlessProcess;
    let refusal: ErrorCode | null = null;
    try {
      await operation.run?.(process, deployment);
    } catch (error) {
      if (error instanceof DomainError) refusal = error.code;
      else if (!process.injector.crashed) throw error;
    }
    await operation.follow?.(deployment);
    const { crashed } = process.injector;
    if (!crashed) expect(refusal, this.toString()).toBe(expectedRefusal);
    return crashed;
  }

  /** Recovers after a crash, and returns the allowed model that the stored state then equals. */
  async #recover(
    { before, after, now }: { readonly before: Model; readonly after: Model; readonly now: number },
    { remains }: ModelOperation,
    deployment: SimulatedDeployment,
  ): Promise<Model> {
    expect(await deployment.momentaryViolations(), this.toString()).toEqual([]);
    const interrupted = structuredClone(before);
    remains?.(interrupted, now);
    const stored = compareStored(await deployment.recover());
    const allowed = [after, before, ...(remains ? [interrupted] : [])];
    const found = allowed.find((model) => JSON.stringify(compareModel(model)) === JSON.stringify(stored));
    if (!found) expect(stored, this.toString()).toEqual(compareModel(after));
    // The credentials were entered in any case.
    return { ...(found ?? after), enteredCount: after.enteredCount, accepted: after.accepted };
  }
}

function advanceBeyondReminders(model: Model, deployment: SimulatedDeployment): void {
  const isTooClose = (time: number | null) =>
    time !== null && Math.abs(time - deployment.now().getTime()) < TOO_CLOSE_MS;
  while (existing(model).some(({ expiresAt, reminder }) => isTooClose(expiresAt) || isTooClose(reminder))) {
    deployment.advance((2 * TOO_CLOSE_MS) / 1000);
  }
}

const crash = fc.record({
  write: fc.nat({ max: 6 }),
  kind: fc.constantFrom('crash_before' as const, 'crash_after' as const),
});

/** Any operation, with or without a crash. */
export const command = fc
  .tuple(fc.oneof(...OPERATIONS), fc.option(crash, { freq: 3 }))
  .map(
    ([operation, crashChoice]): fc.AsyncCommand<CurrentModel, SimulatedDeployment> =>
      new Command(operation, crashChoice),
  );

/** The model of a new deployment. */
export const initialModel = (): CurrentModel => ({ model: emptyModel() });
