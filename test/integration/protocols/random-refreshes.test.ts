import { test } from 'vitest';
import type { SimulatedDeployment } from '../../harness/deployment.ts';
import type { Side } from '../../harness/interleavings.ts';
import {
  addExpired,
  GOOGLE,
  JIRA,
  oauthReconnectOf,
  REFRESH_LEASE_EXPIRED_SECONDS,
  refreshOf,
  returnedReconnect,
} from '../../harness/oauth-operations.ts';
import { disconnectOf, SWEEP } from '../../harness/operations.ts';
import { assertSchedules } from '../../harness/random-schedules.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';

const inDeployment = simulatedDeployments();

const refusals = ['busy', 'reconnect_in_progress'] as const;
const gone = [...refusals, 'connection_not_found'] as const;

type OperationsOf = (
  deployment: SimulatedDeployment,
  id: string,
  providerId: string,
) => Promise<readonly Side[]>;

const OPERATIONS: Readonly<Record<string, OperationsOf>> = {
  'three refreshes': async (_deployment, id) => [1, 2, 3].map(() => ({ ...refreshOf(id), refusals })),

  'two refreshes, a reconnect and a sweep': async (deployment, id, providerId) => [
    { ...refreshOf(id), refusals },
    { ...refreshOf(id), refusals },
    {
      ...oauthReconnectOf(await returnedReconnect(deployment, id, 'new', providerId), 'new'),
      refusals: [...refusals, 'authorization_expired'],
    },
    SWEEP,
  ],

  'a refresh, a reconnect and a disconnect': async (deployment, id, providerId) => [
    { ...refreshOf(id), refusals: gone },
    {
      run: oauthReconnectOf(await returnedReconnect(deployment, id, 'new', providerId), 'new').run,
      refusals: gone,
    },
    { run: disconnectOf(id).run, refusals: gone },
  ],
};

/**
 * At providers that accept a refresh token again: without grace, a lease that expires under a live holder may end in the
 * one way that no client can prevent, for which `concurrent-refreshes.test.ts` allows.
 */
test.each(
  Object.entries(OPERATIONS).flatMap(([name, operationsOf]) =>
    [GOOGLE, JIRA].map((providerId) => [name, providerId, operationsOf] as const),
  ),
)(
  '%s at %s, with crashes and expired leases in any order, lose no refresh token',
  { timeout: 180_000 },
  (_name, providerId, operationsOf) =>
    assertSchedules(
      inDeployment,
      { expirySeconds: REFRESH_LEASE_EXPIRED_SECONDS, maxSteps: 70, runs: 6 },
      async (deployment) =>
        operationsOf(deployment, await addExpired(deployment, { providerId }), providerId),
    ),
);
