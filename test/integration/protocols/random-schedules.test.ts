import { test } from 'vitest';
import type { SimulatedDeployment } from '../../harness/deployment.ts';
import type { Side } from '../../harness/interleavings.ts';
import {
  addConnection,
  disconnectOf,
  LEASE_EXPIRED_SECONDS,
  reconnectOf,
  SWEEP,
} from '../../harness/operations.ts';
import { assertSchedules } from '../../harness/random-schedules.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';

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
    assertSchedules(
      inDeployment,
      { expirySeconds: LEASE_EXPIRED_SECONDS, maxSteps: 60, runs: 40 },
      async (deployment) => operationsOf(deployment, await addConnection(deployment)),
    ),
);
