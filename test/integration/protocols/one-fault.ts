import type { Call, Fault, FaultKind } from '../../harness/fault-injector.ts';
import { breaches } from './invariants.ts';
import { type Act, isAnswer, type Stage } from './stages.ts';
import type { State } from './state.ts';
import { inParallel, isRight, type Scene, type World } from './world.ts';

/** What befalls a call that writes: each fault once, and those that can outlast the SDK's attempts. */
export const WRITES: readonly [FaultKind, lasting: boolean][] = [
  ['throttled', false],
  ['server_error', false],
  ['timeout_before', false],
  ['timeout_after', false],
  ['crash_before', false],
  ['crash_after', false],
  ['server_error', true],
  ['timeout_after', true],
];
/** The SDK tries again alike after whatever had no effect; the tests of the checks try each of those. */
const ALIKE: readonly FaultKind[] = ['server_error', 'timeout_before'];
/** A call that reads has no effect to be before or after. */
export const READS: readonly [FaultKind, lasting: boolean][] = [
  ['throttled', false],
  ['timeout_after', false],
  ['crash_before', false],
  ['server_error', true],
];

/**
 * Runs an operation once for every fault of every call that it makes; what went wrong, in words.
 *
 * @param given befalls it besides, each time: then the calls are those that it makes with this, from there on.
 */
export async function everyFault(world: World, stage: Stage, given?: Fault): Promise<readonly string[]> {
  const calls = await world.play(async (scene) => {
    const act = await stage(scene);
    const { ports, wire } = scene.process({ faults: given ? [given] : [] });
    await act.run(ports).catch((error: unknown) => {
      if (!given && !isAnswer(error, act.responses)) throw error;
    });
    return wire.calls;
  });
  const from = given
    ? calls.findIndex(({ index, command }) => given.at === index || given.at === command) + 1
    : 0;
  const plans = calls.slice(from).flatMap((call) => {
    const kinds = (call.writes ? WRITES : READS).filter(
      ([kind, lasting]) => lasting || !ALIKE.includes(kind),
    );
    return kinds.map(([kind, lasting]) => ({ call, fault: { at: call.index, kind, lasting }, given }));
  });
  if (plans.length === 0) throw new Error('It made no call that a fault could befall.');
  const found = await inParallel(plans, 4, async (plan) => {
    const { call, fault } = plan;
    const wrong = await world.play((scene) => play(scene, stage, plan));
    const where = `${call.index} ${call.command}, ${fault.kind}${fault.lasting ? ' lasting' : ''}`;
    return wrong.map((breach) => `${where}: ${breach}`);
  });
  return found.flat();
}

interface Befalling {
  readonly call: Call;
  readonly fault: Fault;
  readonly given: Fault | undefined;
}

/** The operation with its faults, then what recovers by itself, then the client's own second try. */
async function play(scene: Scene, stage: Stage, { call, fault, given }: Befalling): Promise<string[]> {
  const act = await stage(scene);
  const wrong: string[] = [];
  const first = await attempt(scene, act, given ? [given, fault] : [fault]);
  if (!first.answered && !given && isAbsorbed(call, fault)) wrong.push(`not absorbed: ${first.error}`);
  const before = await scene.recover();
  wrong.push(...(await breaches(before, scene.place, isRight)));
  const times = act.happened(before);
  const least = first.answered && act.mayFind !== 'nothing' ? 1 : 0;
  if (times > 1 || times < least) {
    wrong.push(`${first.answered ? 'answered' : 'failed'}, happened ${times} times`);
  }
  if (!act.inParts) wrong.push(...survivors(act, before, times));
  const second = await attempt(scene, act);
  const settled = second.answered || (times > 0 && isAnswer(second.error, act.answersAfterwards));
  if (!settled) wrong.push(`the second try failed: ${second.error}`);
  const after = await scene.recover();
  wrong.push(...(await breaches(after, scene.place, isRight)).map((breach) => `second try: ${breach}`));
  if (act.happened(after) === 0) wrong.push('the second try changed nothing');
  wrong.push(...survivors(act, after, 1).map((breach) => `second try: ${breach}`));
  return wrong;
}

interface Attempted {
  readonly answered: boolean;
  readonly error?: unknown;
}

async function attempt(scene: Scene, act: Act, faults?: readonly Fault[]): Promise<Attempted> {
  const { ports, wire } = scene.process(faults && { faults });
  try {
    await act.run(ports);
    return { answered: !wire.crashed };
  } catch (error) {
    return { answered: !wire.crashed && isAnswer(error, act.responses), error };
  }
}

/** A fault of AWS that passes at once is for the SDK and the adapters to deal with. */
function isAbsorbed({ service }: Call, { kind, lasting }: Fault): boolean {
  return service !== 'provider' && !lasting && !kind.startsWith('crash');
}

function survivors({ connections }: Act, state: State, times: number): string[] {
  const expected = connections[times > 0 ? 1 : 0];
  const { length } = state.connections;
  return length === expected ? [] : [`${length} connections instead of ${expected}`];
}
