import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SimulatedDeployment } from '../../harness/deployment.ts';
import type { Side } from '../../harness/interleavings.ts';
import {
  addConnection,
  disconnectOf,
  LEASE_EXPIRED_SECONDS,
  reconnectOf,
  SWEEP,
} from '../../harness/operations.ts';
import { runSchedule, schedules } from '../../harness/random-schedules.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';

/** Longer than all calls of the processes together. */
const MAX_STEPS = 60;
const RUNS = 40;

const inDeployment = simulatedDeployments();

const refusals = ['reconnect_in_progress', 'busy'] as const;

/** Three reconnects with different credentials. */
function threeReconnects(deployment: SimulatedDeployment, id: string): Side[] {
  return ['new', 'newer', 'newest'].map((user) => ({ ...reconnectOf(deployment, id, user), refusals }));
}

const OPERATIONS: Readonly<Record<string, (deployment: SimulatedDeployment, id: string) => readonly Side[]>> =
  {
    'three reconnects': threeReconnects,
    'three reconnects and two sweeps': (deployment, id) => [...threeReconnects(deployment, id), SWEEP, SWEEP],
    'three reconnects, a sweep and a disconnect': (deployment, id) => [
      ...threeReconnects(deployment, id).map(({ run }) => ({
        run,
        refusals: [...refusals, 'connection_not_found' as const],
      })),
      SWEEP,
      disconnectOf(id),
    ],
  };

test.each(Object.entries(OPERATIONS))(
  '%s, with crashes and expired leases in any order, never serve a missing, unverified or wrong version',
  { timeout: 180_000 },
  (_name, operationsOf) =>
    fc.assert(
      fc.asyncProperty(schedules(LEASE_EXPIRED_SECONDS, MAX_STEPS), (schedule) =>
        inDeployment(async (deployment) => {
          const id = await addConnection(deployment);
          const operations = operationsOf(deployment, id);
          expect(await runSchedule(deployment, operations, schedule)).toEqual([]);
        }),
      ),
      { numRuns: RUNS },
    ),
);
