import { expect, test } from 'vitest';
import type { SimulatedDeployment } from './deployment.ts';
import { type Call, type Fault, type FaultKind, type FaultPlan, selectCall } from './fault-injector.ts';
import { inParallel } from './in-parallel.ts';
import type { Process } from './process.ts';
import type { InDeployment } from './simulated-deployments.ts';

/** One invocation of the code under test, in a deployment that was prepared for it. */
export interface Invocation {
  /** Invokes the code. Resolves to true when its caller may take the work for done. */
  run(process: Process): Promise<boolean>;
  /**
   * Lets everything happen that follows by itself, such as redeliveries, and returns in words what is wrong in the
   * end.
   */
  verify(attempt: Attempt): Promise<readonly string[]>;
}

/** Result of the invocation. */
export interface Attempt {
  /** False also when the process crashed. */
  readonly isDone: boolean;
  readonly error?: unknown;
  /** Absent in the run without a fault. */
  readonly injected?: InjectedFault;
}

export interface InjectedFault {
  readonly call: Call;
  readonly fault: Fault;
}

/** Prepares a deployment for the invocation. */
export type FaultScenario = (deployment: SimulatedDeployment) => Promise<Invocation>;

/** Faults of a call that writes: each kind once, and those that outlast the SDK's attempts. */
const WRITE_FAULTS: readonly (readonly [FaultKind, lasting: boolean])[] = [
  ['throttled', false],
  ['server_error', false],
  ['timeout_before', false],
  ['timeout_after', false],
  ['crash_before', false],
  ['crash_after', false],
  ['server_error', true],
  ['timeout_after', true],
];

/** Faults of a call that only reads, where before and after are the same. */
const READ_FAULTS: readonly (readonly [FaultKind, lasting: boolean])[] = [
  ['throttled', false],
  ['timeout_after', false],
  ['crash_before', false],
  ['server_error', true],
];

/**
 * Invokes the code once for every fault of every call that it makes, each time in a new deployment.
 *
 * @param given is injected as well, every time; then only the calls after it get further faults.
 * @returns in words what went wrong; empty when nothing did.
 */
export async function everyFault(
  inDeployment: InDeployment,
  scenario: FaultScenario,
  given?: Fault,
): Promise<readonly string[]> {
  const before = given ? [given] : [];
  const first = await inDeployment((deployment) => invoke(deployment, scenario, before));
  if (!given && first.violations.length > 0)
    return first.violations.map((violation) => `no fault: ${violation}`);
  const start = given ? (selectCall(first.calls, given.at)?.index ?? Number.POSITIVE_INFINITY) + 1 : 0;
  const injections = first.calls.slice(start).flatMap((call) =>
    (call.writes ? WRITE_FAULTS : READ_FAULTS).map(([kind, lasting]) => ({
      call,
      fault: { at: call.index, kind, lasting },
    })),
  );
  if (injections.length === 0) throw new Error('The invocation made no call that could fail.');
  const found = await inParallel(injections, 4, async (injected) => {
    const faults = [...before, injected.fault];
    const { violations } = await inDeployment((deployment) => invoke(deployment, scenario, faults, injected));
    return violations.map((violation) => `${describe(injected)}: ${violation}`);
  });
  return found.flat();
}

async function invoke(
  deployment: SimulatedDeployment,
  scenario: FaultScenario,
  faults: readonly Fault[],
  injected?: InjectedFault,
) {
  const invocation = await scenario(deployment);
  const { calls, ...result } = await attempt(deployment, invocation, faults.length > 0 ? { faults } : {});
  const mustBeDone = faults.length === 0 || (faults.length === 1 && injected && isAbsorbed(injected));
  return {
    calls,
    violations: [
      ...(mustBeDone && !result.isDone ? [`not done: ${result.error}`] : []),
      ...(await deployment.momentaryViolations()),
      ...(await invocation.verify({ ...result, ...(injected && { injected }) })),
    ],
  };
}

async function attempt(deployment: SimulatedDeployment, { run }: Invocation, plan: FaultPlan) {
  const process = deployment.process(plan);
  const { injector } = process;
  try {
    const isDone = await run(process);
    return { isDone: isDone && !injector.crashed, error: 'not done', calls: injector.calls };
  } catch (error) {
    return { isDone: false, error, calls: injector.calls };
  }
}

/** Returns true for a fault that the SDK and the adapters must absorb: one of AWS that passes at once. */
function isAbsorbed({ call: { service }, fault: { kind, lasting } }: InjectedFault): boolean {
  return service !== 'provider' && !lasting && !kind.startsWith('crash');
}

function describe({ call, fault }: InjectedFault): string {
  return `${call.index} ${call.command}, ${fault.kind}${fault.lasting ? ' lasting' : ''}`;
}

/** Defines a test for each scenario, which must leave nothing wrong with any fault at any call. */
export function testEveryFault(
  inDeployment: InDeployment,
  scenarios: Readonly<Record<string, FaultScenario>>,
): void {
  test.each(Object.entries(scenarios))('%s', async (_name, scenario) => {
    expect(await everyFault(inDeployment, scenario)).toEqual([]);
  });
}
