import { DomainError, type ErrorCode } from '../../../shared/domain/errors.ts';
import { barrierAt, type CallSelector } from '../../harness/fault-injector.ts';
import { breaches } from './invariants.ts';
import { isAnswer } from './stages.ts';
import type { State } from './state.ts';
import { inParallel, isRight, type Ports, type Scene, type World } from './world.ts';

/** One of two operations that run at once. */
export interface Side {
  run(ports: Ports): Promise<unknown>;
  /** How often it has happened; left out for what clears up, which may find nothing to do. */
  happened?(state: State): number;
  /** Refusals that the other side may rightly cause. */
  readonly refusals?: readonly ErrorCode[];
}

export interface Pair {
  readonly sides: readonly [Side, Side];
  /** How much time goes by while the first waits, before the second begins. */
  readonly apartSeconds?: number;
  /** How many connections may be left. */
  readonly connections: readonly number[];
}

export type PairStage = (scene: Scene) => Promise<Pair>;

/** Where each side waits for the other: before that call of the first, and before that write of the second. */
type Stops = readonly [first: number, second: number];

/**
 * Runs two operations in every order of their calls with at most three turns: the first up to a call, the second
 * up to a write or to its end, the first to its end, the second to its end.
 */
export async function everyInterleaving(world: World, stage: PairStage): Promise<readonly string[]> {
  const firsts = Array.from({ length: await callsOfFirst(world, stage) }, (_, call) => call);
  const found = await inParallel(firsts, 4, async (first) => {
    const wrong: string[] = [];
    for (let second = 0, ended = false; !ended; second += 1) {
      const played = await world.play((scene) => interleaved(scene, stage, [first, second]));
      const where = `first stopped at ${first}, second ${played.ended ? 'ended' : `before write ${second}`}`;
      wrong.push(...played.wrong.map((breach) => `${where}: ${breach}`));
      ended = played.ended;
    }
    return wrong;
  });
  return found.flat();
}

async function callsOfFirst(world: World, stage: PairStage): Promise<number> {
  return world.play(async (scene) => {
    const { sides } = await stage(scene);
    const { ports, wire } = scene.process();
    await sides[0].run(ports);
    return wire.calls.length;
  });
}

interface Played {
  readonly wrong: readonly string[];
  /** Whether the second came to its end before its stop. */
  readonly ended: boolean;
}

async function interleaved(scene: Scene, stage: PairStage, stops: Stops): Promise<Played> {
  const { sides, apartSeconds = 0, connections } = await stage(scene);
  const first = begin(scene, sides[0], stops[0]);
  await first.stopped;
  scene.clock.advance(apartSeconds);
  const second = begin(scene, sides[1], { write: stops[1] });
  const ended = (await second.stopped) === 'ended';
  const outcomes = [await first.finish(), await second.finish()];
  const state = await scene.recover();
  const wrong = [...(await breaches(state, scene.place, isRight))];
  sides.forEach(({ happened, refusals }, side) => {
    const error = outcomes[side];
    const name = side === 0 ? 'the first' : 'the second';
    if (error !== undefined && !isAnswer(error, refusals)) wrong.push(`${name} failed: ${wordsOf(error)}`);
    const times = happened?.(state) ?? null;
    if (times !== null && times !== (error === undefined ? 1 : 0)) {
      wrong.push(`${name} ${error === undefined ? 'was answered' : 'was refused'}, happened ${times} times`);
    }
  });
  const { length } = state.connections;
  if (!connections.includes(length))
    wrong.push(`${length} connections instead of ${connections.join(' or ')}`);
  return { wrong, ended };
}

/** Starts a side in a process of its own. `stopped` is when it waits at its stop, or has ended before that. */
function begin(scene: Scene, { run }: Side, stop: CallSelector) {
  const guards = barrierAt(stop);
  const outcome = run(scene.process({ barrier: guards }).ports).then(
    () => undefined,
    (error: unknown) => error ?? new Error('It failed with nothing.'),
  );
  return {
    stopped: Promise.race([guards.reached.promise, outcome.then(() => 'ended' as const)]),
    finish() {
      guards.released.resolve();
      return outcome;
    },
  };
}

function wordsOf(error: unknown): string {
  return error instanceof DomainError ? error.code : String(error);
}
