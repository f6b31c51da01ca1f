import type { ErrorCode } from '../../../shared/domain/errors.ts';
import { STORE_CALLS } from '../../harness/credential-store.ts';
import { PROJECT, type SimulatedDeployment } from '../../harness/deployment.ts';
import type { Attempt, FaultScenario, Invocation } from '../../harness/every-fault.ts';
import {
  addConnection,
  addFlow,
  addWithCrashedReconnect,
  checkOf,
  crashAt,
  creationOf,
  flowRemovalOf,
  isRefusal,
  LEASE_EXPIRED_SECONDS,
  linkOf,
  type Operation,
  PROVIDER,
  reconnectOf,
  renameOf,
  SWEEP,
  unlinkOf,
} from '../../harness/operations.ts';
import { countEntries, type StoredState } from '../../harness/stored-state.ts';

/** An operation that is tried with every fault, and repeated afterwards as its client would. */
interface Retried extends Operation {
  readonly count: (state: StoredState) => number;
  /** Number of connections before the operation, and once it took effect. */
  readonly connections: readonly [before: number, after: number];
  /** Refusals that are the expected response: always, or to the repetition of what took effect. */
  readonly refusals?: readonly ErrorCode[];
  readonly refusalsOnceDone?: readonly ErrorCode[];
  /** True if a success may change nothing, as a check does while the provider is out of reach. */
  readonly mayChangeNothing?: boolean;
  /** True if the operation makes several commits; a fault may leave some, and the repetition makes the others. */
  readonly isPartial?: boolean;
}

/**
 * Expects of an operation that failed or crashed at any point: after recovery all invariants hold, it took effect at
 * most once, and at least once if it reported success; repeated, it succeeds.
 */
export function retried(prepare: (deployment: SimulatedDeployment) => Promise<Retried>): FaultScenario {
  return async (deployment): Promise<Invocation> => {
    const operation = await prepare(deployment);
    const run: Invocation['run'] = async ({ ports }) => {
      try {
        await operation.run(ports);
      } catch (error) {
        if (!isRefusal(error, operation.refusals)) throw error;
      }
      return true;
    };
    return { run, verify: (first) => verifyRetried(deployment, operation, first, run) };
  };
}

async function verifyRetried(
  deployment: SimulatedDeployment,
  operation: Retried,
  first: Attempt,
  run: Invocation['run'],
): Promise<readonly string[]> {
  const before = await deployment.recover();
  const times = operation.count(before);
  const least = first.isDone && !operation.mayChangeNothing ? 1 : 0;
  const violations = [
    ...(await deployment.invariantViolations(before)),
    ...(times > 1 || times < least
      ? [`${first.isDone ? 'done' : 'failed'}, took effect ${times} times`]
      : []),
    ...(operation.isPartial ? [] : connectionCountViolations(operation, before, times)),
  ];
  const second = await run(deployment.process()).catch((error: unknown) => error);
  const isAccepted = second === true || (times > 0 && isRefusal(second, operation.refusalsOnceDone));
  const after = await deployment.recover();
  return [
    ...violations,
    ...(isAccepted ? [] : [`the repetition failed: ${second}`]),
    ...(operation.count(after) === 0 ? ['the repetition changed nothing'] : []),
    ...[
      ...(await deployment.invariantViolations(after)),
      ...connectionCountViolations(operation, after, 1),
    ].map((violation) => `after the repetition: ${violation}`),
  ];
}

function connectionCountViolations({ connections }: Retried, state: StoredState, times: number): string[] {
  const expected = connections[times > 0 ? 1 : 0];
  const { length } = state.connections;
  return length === expected ? [] : [`${length} connections, not ${expected}`];
}

const UNCHANGED_COUNT = [1, 1] as const;
const FLOW = 'flow';
const SECOND_FLOW = 'flow-2';

/** Operations that change one connection. */
export const CONNECTION_SCENARIOS: Readonly<Record<string, FaultScenario>> = {
  reconnect: retried(async (deployment) => {
    const id = await addConnection(deployment);
    return { ...reconnectOf(deployment, id, 'new'), connections: UNCHANGED_COUNT, count: countReconnects };
  }),

  'reconnect an inactive connection': retried(async (deployment) => {
    const id = await addConnection(deployment);
    deployment.providers.revoke(PROVIDER, 'old');
    await checkOf(id).run(deployment.faultless);
    return { ...reconnectOf(deployment, id, 'new'), connections: UNCHANGED_COUNT, count: countReconnects };
  }),

  'reconnect while an earlier promotion is pending': retried(async (deployment) => {
    const id = await addWithCrashedReconnect(deployment, STORE_CALLS.promote, 'crash_before');
    return { ...reconnectOf(deployment, id, 'new'), connections: UNCHANGED_COUNT };
  }),

  'reconnect in place of an expired lease': retried(async (deployment) => {
    const id = await addWithCrashedReconnect(deployment, STORE_CALLS.put, 'crash_after');
    deployment.advance(LEASE_EXPIRED_SECONDS);
    return { ...reconnectOf(deployment, id, 'new'), connections: UNCHANGED_COUNT };
  }),

  'reconnect with rejected credentials': retried(async (deployment) => {
    const id = await addConnection(deployment);
    const { run } = reconnectOf(deployment, id, 'new');
    deployment.providers.revoke(PROVIDER, 'new');
    return {
      run,
      // With its reason, or as interrupted where the release failed.
      count: countFailedReconnects,
      connections: UNCHANGED_COUNT,
      refusals: ['credentials_rejected'],
    };
  }),

  rename: retried(async (deployment) => {
    const id = await addConnection(deployment);
    return { ...renameOf(id, 'Another name'), connections: UNCHANGED_COUNT };
  }),

  'check revoked credentials': retried(async (deployment) => {
    const id = await addConnection(deployment);
    deployment.providers.revoke(PROVIDER, 'old');
    return { ...checkOf(id), connections: UNCHANGED_COUNT, mayChangeNothing: true };
  }),
};

/** Operations that change the steps of flows, and with them create and remove connections. */
export const FLOW_SCENARIOS: Readonly<Record<string, FaultScenario>> = {
  'create a connection': retried(async (deployment) => {
    await addFlow(deployment, FLOW);
    return { ...creationOf(deployment), connections: [0, 1] };
  }),

  'create a connection in place of another': retried(async (deployment) => {
    await addConnection(deployment);
    return { ...creationOf(deployment), connections: UNCHANGED_COUNT };
  }),

  'link another step': retried(async (deployment) => {
    const id = await addConnection(deployment);
    await addFlow(deployment, SECOND_FLOW);
    return { ...linkOf(id, SECOND_FLOW), connections: UNCHANGED_COUNT };
  }),

  'move a step to another connection': retried(async (deployment) => {
    const id = await addConnection(deployment);
    await addConnection(deployment, { user: 'other', flow: SECOND_FLOW });
    return { run: linkOf(id, SECOND_FLOW).run, count: countDisconnects, connections: [2, 1] };
  }),

  'unlink one of two flows': retried(async (deployment) => {
    const id = await addConnection(deployment);
    await addFlow(deployment, SECOND_FLOW);
    await linkOf(id, SECOND_FLOW).run(deployment.faultless);
    return {
      ...unlinkOf(SECOND_FLOW),
      connections: UNCHANGED_COUNT,
      refusalsOnceDone: ['integration_not_found'],
    };
  }),

  disconnect: retried(async (deployment) => {
    await addConnection(deployment);
    return {
      run: unlinkOf(FLOW).run,
      count: countDisconnects,
      connections: [1, 0],
      refusalsOnceDone: ['integration_not_found'],
    };
  }),

  'remove a flow': retried(async (deployment) => {
    const id = await addConnection(deployment);
    await addConnection(deployment, { user: 'other', flow: SECOND_FLOW });
    await linkOf(id, SECOND_FLOW, 'step-2').run(deployment.faultless);
    return {
      ...flowRemovalOf(SECOND_FLOW),
      connections: [2, 1],
      refusalsOnceDone: ['flow_not_found'],
      isPartial: true,
    };
  }),
};

/** Recoveries after a crash. */
export const RECOVERY_SCENARIOS: Readonly<Record<string, FaultScenario>> = {
  'sweep a creation': retried(async (deployment) => {
    await addFlow(deployment, FLOW);
    await crashAt(deployment, STORE_CALLS.create, 'crash_after', creationOf(deployment));
    deployment.advance(16 * 60);
    return { ...SWEEP, count: ({ intents }) => Number(intents.length === 0), connections: [0, 0] };
  }),

  'sweep an expired lease': retried(async (deployment) => {
    await addWithCrashedReconnect(deployment, STORE_CALLS.put, 'crash_after');
    deployment.advance(LEASE_EXPIRED_SECONDS);
    return {
      ...SWEEP,
      count: countFailedReconnects,
      connections: UNCHANGED_COUNT,
    };
  }),

  'sweep a pending promotion': retried(async (deployment) => {
    await addWithCrashedReconnect(deployment, STORE_CALLS.promote, 'crash_before');
    return {
      ...SWEEP,
      count: ({ connections }) => connections.filter(({ item }) => !item.promotionPending).length,
      connections: UNCHANGED_COUNT,
    };
  }),

  'retire the credentials of a removed connection': retried(async (deployment) => {
    const id = await addConnection(deployment);
    await unlinkOf(FLOW).run(deployment.faultless);
    return {
      run: ({ credentials }) =>
        credentials.retire({ projectId: PROJECT, connectionId: id, store: credentials.storeOfNew }),
      count: ({ secrets }) => secrets.filter(({ isScheduledForDeletion }) => isScheduledForDeletion).length,
      connections: [0, 0],
    };
  }),
};

function countReconnects(state: StoredState): number {
  return countEntries(state, ({ type }) => type === 'reconnected');
}

function countFailedReconnects(state: StoredState): number {
  return countEntries(state, ({ type }) => type === 'reconnect_failed');
}

function countDisconnects(state: StoredState): number {
  return countEntries(state, ({ type }) => type === 'disconnected');
}
