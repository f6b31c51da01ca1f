import type { Call, Fault, FaultPlan } from '../../harness/fault-injector.ts';
import { READS, WRITES } from '../protocols/one-fault.ts';
import { inParallel } from '../protocols/world.ts';
import { Deployment } from './deployment.ts';
import type { Process } from './process.ts';
import type { Surroundings } from './surroundings.ts';

/** What one invocation of a function is for, on a stage that was set for it. */
export interface Work {
  /** One invocation; whether the one who invoked it takes the work for done. */
  run(process: Process): Promise<boolean>;
  /** What follows without anyone's doing: what is not done comes again, and the next run comes in any case. */
  follow(): Promise<void>;
  /** What is not as it should be in the end, in words. */
  wrong(befallen: Befalling | undefined): Promise<readonly string[]>;
}

/** What befell which call of the invocation. */
export interface Befalling {
  readonly call: Call;
  readonly fault: Fault;
}

export type Stage = (deployment: Deployment) => Promise<Work>;

/** Does the work once for every fault of every call that it makes; what went wrong, in words. */
export async function everyFault(surroundings: Surroundings, stage: Stage): Promise<readonly string[]> {
  const { calls, wrong } = await Deployment.play(surroundings, (deployment) => play(deployment, stage));
  if (wrong.length > 0) return wrong.map((fault) => `with no fault: ${fault}`);
  if (calls.length === 0) throw new Error('It made no call that a fault could befall.');
  const befallings = calls.flatMap((call) =>
    (call.writes ? WRITES : READS).map(([kind, lasting]) => ({
      call,
      fault: { at: call.index, kind, lasting },
    })),
  );
  const found = await inParallel(befallings, 4, async (befalling) => {
    const played = await Deployment.play(surroundings, (deployment) => play(deployment, stage, befalling));
    return played.wrong.map((fault) => `${wordsOf(befalling)}: ${fault}`);
  });
  return found.flat();
}

interface Played {
  readonly calls: readonly Call[];
  readonly wrong: readonly string[];
}

async function play(deployment: Deployment, stage: Stage, befalling?: Befalling): Promise<Played> {
  const work = await stage(deployment);
  const { done, error, calls } = await attempt(
    deployment,
    work,
    befalling ? { faults: [befalling.fault] } : {},
  );
  const wrong: string[] = [];
  if (!done && (!befalling || isAbsorbed(befalling))) wrong.push(`not done: ${error}`);
  await work.follow();
  wrong.push(...(await work.wrong(befalling)));
  return { calls, wrong };
}

async function attempt(deployment: Deployment, work: Work, plan: FaultPlan) {
  const process = deployment.process(plan);
  const { wire } = process;
  try {
    const done = await work.run(process);
    return { done: done && !wire.crashed, error: 'it said so', calls: wire.calls };
  } catch (error) {
    return { done: false, error, calls: wire.calls };
  }
}

/** A fault of AWS that passes at once is for the SDK and the adapters to deal with. */
function isAbsorbed({ call: { service }, fault: { kind, lasting } }: Befalling): boolean {
  return service !== 'provider' && !lasting && !kind.startsWith('crash');
}

function wordsOf({ call, fault }: Befalling): string {
  return `${call.index} ${call.command}, ${fault.kind}${fault.lasting ? ' lasting' : ''}`;
}
