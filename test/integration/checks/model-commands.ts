import fc from 'fast-check';
import { expect } from 'vitest';
import { DomainError, type ErrorCode } from '../../../shared/domain/errors.ts';
import type { FaultPlan } from '../../harness/fault-injector.ts';
import type { Deployment } from './deployment.ts';
import { emptyModel, living, type Model } from './model.ts';
import { ACTS, type Act, type Possible } from './model-acts.ts';
import { expectedOf, observedIn } from './observed.ts';

/** The end of the process that carries a command out, before or after one of its writes takes effect. */
interface Crash {
  readonly write: number;
  readonly kind: 'crash_before' | 'crash_after';
}

/** The model as commands hand it on. */
export interface Held {
  model: Model;
}

/** Closer than this to a time that something is due at, a model cannot tell which comes first. */
const NEAR_MS = 30_000;

const dyingBy = ({ write, kind }: Crash): FaultPlan => ({
  faults: [{ at: { write }, kind, lasting: false }],
});

class Command implements fc.AsyncCommand<Held, Deployment> {
  readonly #words: string;
  readonly #resolve: Possible[1];
  readonly #crash: Crash | null;

  constructor([words, resolve]: Possible, crash: Crash | null) {
    this.#words = words;
    this.#resolve = resolve;
    this.#crash = crash;
  }

  check({ model }: Readonly<Held>): boolean {
    return this.#resolve(model, 0) !== null;
  }

  async run(current: Held, deployment: Deployment): Promise<void> {
    const act = this.#resolve(current.model, deployment.now().getTime());
    if (!act) throw new Error('It is not possible.');
    await act.prepare?.(deployment);
    keepAway(current.model, deployment);
    const now = deployment.now().getTime();
    const draft = structuredClone(current.model);
    const expected = act.change(draft, now);
    const crashed = await this.#carryOut(act, deployment, expected);
    current.model =
      crashed && !act.certain ? await this.#settle(current.model, draft, act, deployment, now) : draft;
  }

  toString(): string {
    const { write, kind } = this.#crash ?? {};
    return kind === undefined ? this.#words : `${this.#words}, ${kind.replace('_', ' ')} write ${write}`;
  }

  /** Whether it came to the crash. */
  async #carryOut(act: Act, deployment: Deployment, expected: ErrorCode | null): Promise<boolean> {
    const process = this.#crash ? deployment.process(dyingBy(this.#crash)) : deployment.soundProcess;
    let refusal: ErrorCode | null = null;
    try {
      await act.run?.(process, deployment);
    } catch (error) {
      if (error instanceof DomainError) refusal = error.code;
      else if (!process.wire.crashed) throw error;
    }
    await act.follow?.(deployment);
    if (!process.wire.crashed) expect(refusal, this.toString()).toBe(expected);
    return process.wire.crashed;
  }

  /** Which of the ends that a crash may lead to it has led to, once what recovers by itself has done so. */
  async #settle(
    before: Model,
    after: Model,
    { remains }: Act,
    deployment: Deployment,
    now: number,
  ): Promise<Model> {
    const partly = structuredClone(before);
    remains?.(partly, now);
    await deployment.scene.recover();
    const observed = JSON.stringify(observedIn(await deployment.state()));
    const ends = [after, before, ...(remains ? [partly] : [])];
    const end = ends.find((model) => JSON.stringify(expectedOf(model)) === observed);
    if (!end) expect(observedIn(await deployment.state()), this.toString()).toEqual(expectedOf(after));
    // What was brought was brought.
    return { ...(end ?? after), brought: after.brought, accepted: after.accepted };
  }
}

function keepAway(model: Model, deployment: Deployment): void {
  const isNear = (time: number | null) =>
    time !== null && Math.abs(time - deployment.now().getTime()) < NEAR_MS;
  while (living(model).some(({ expiresAt, reminder }) => isNear(expiresAt) || isNear(reminder))) {
    deployment.advance((2 * NEAR_MS) / 1000);
  }
}

const crash = fc.record({
  write: fc.nat({ max: 6 }),
  kind: fc.constantFrom('crash_before' as const, 'crash_after' as const),
});

/** Any command, each with or without a crash. */
export const command = fc
  .tuple(fc.oneof(...ACTS), fc.option(crash, { freq: 3 }))
  .map(([possible, cut]): fc.AsyncCommand<Held, Deployment> => new Command(possible, cut));

/** The model of a deployment in which nothing has happened. */
export const beginning = (): Held => ({ model: emptyModel() });
