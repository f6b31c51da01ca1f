import { describe, expect, test } from 'vitest';
import { STORE_CALLS } from '../../harness/credential-store.ts';
import type { SimulatedDeployment } from '../../harness/deployment.ts';
import { barrierAt } from '../../harness/fault-injector.ts';
import { everyInterleaving, type Pair } from '../../harness/interleavings.ts';
import {
  addWithCrashedReconnect,
  disconnectOf,
  LEASE_EXPIRED_SECONDS,
  reconnectOf,
  SWEEP,
} from '../../harness/operations.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';

const inDeployment = simulatedDeployments();

/** Crashes of a first reconnect. Before its commit it leaves a lease, and after its commit a pending promotion. */
const CRASHES = [
  {
    where: 'between put and commit',
    command: STORE_CALLS.put,
    kind: 'crash_after',
    leavesLease: true,
  },
  {
    where: 'between commit and promotion',
    command: STORE_CALLS.promote,
    kind: 'crash_before',
    leavesLease: false,
  },
  {
    where: 'between promotion and the end of its marker',
    command: STORE_CALLS.promote,
    kind: 'crash_after',
    leavesLease: false,
  },
] as const;

const FOLLOWERS: Readonly<Record<string, (deployment: SimulatedDeployment, id: string) => Pair>> = {
  'two sweeps': () => ({ sides: [SWEEP, SWEEP], connections: [1] }),
  'a reconnect and a sweep': (deployment, id) => ({
    sides: [reconnectOf(deployment, id, 'newer'), SWEEP],
    connections: [1],
  }),
  'a sweep and a reconnect': (deployment, id) => ({
    sides: [SWEEP, reconnectOf(deployment, id, 'newer')],
    connections: [1],
  }),
  'two reconnects': (deployment, id) => ({
    sides: [
      { ...reconnectOf(deployment, id, 'newer'), refusals: ['reconnect_in_progress'] },
      { ...reconnectOf(deployment, id, 'newest'), refusals: ['reconnect_in_progress'] },
    ],
    connections: [1],
  }),
  'a reconnect and a disconnect': (deployment, id) => ({
    sides: [
      { run: reconnectOf(deployment, id, 'newer').run, refusals: ['connection_not_found'] },
      disconnectOf(id),
    ],
    connections: [0],
  }),
};

const AFTER_CRASHES = CRASHES.flatMap(({ where, command, kind, leavesLease }) =>
  Object.entries(FOLLOWERS).map(([who, pairOf]) => ({
    name: `${who} after a crash ${where}`,
    scenario: async (deployment: SimulatedDeployment): Promise<Pair> => {
      const id = await addWithCrashedReconnect(deployment, command, kind);
      if (leavesLease) deployment.advance(LEASE_EXPIRED_SECONDS);
      return pairOf(deployment, id);
    },
  })),
);

describe('in every order of the calls of two operations, they finish what a crashed reconnect left', {
  timeout: 120_000,
}, () => {
  test.each(AFTER_CRASHES)('$name', async ({ scenario }) => {
    expect(await everyInterleaving(inDeployment, scenario)).toEqual([]);
  });
});

test('the next reconnect promotes what a crash left before it puts a version, which takes the label AWSPENDING', () =>
  inDeployment(async (deployment) => {
    const id = await addWithCrashedReconnect(deployment, STORE_CALLS.promote, 'crash_before');
    const barrier = barrierAt(STORE_CALLS.put);
    const next = reconnectOf(deployment, id, 'newer').run(deployment.process({ barrier }).ports);
    await barrier.reached.promise;
    const { connections, secrets } = await deployment.state();
    expect(secrets[0]?.labels[connections[0]?.item.credentialsVersion ?? '']).toContain('AWSCURRENT');
    barrier.released.resolve();
    await next;
  }));
