import { describe, expect, test } from 'vitest';
import type { SimulatedDeployment } from '../../harness/deployment.ts';
import { everyInterleaving, type Pair, type PairScenario } from '../../harness/interleavings.ts';
import {
  addExpired,
  BOX,
  GOOGLE,
  JIRA,
  oauthReconnectOf,
  REFRESH_LEASE_EXPIRED_SECONDS,
  refreshOf,
  returnedReconnect,
} from '../../harness/oauth-operations.ts';
import { checkOf, disconnectOf, SWEEP } from '../../harness/operations.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';

const inDeployment = simulatedDeployments();

/** `busy` refuses a caller that another one keeps waiting for too long. */
type Prepare = (deployment: SimulatedDeployment, id: string) => Promise<Omit<Pair, 'connections'>>;

function pairOf(prepare: Prepare, providerId: string, connections: Pair['connections'] = [1]): PairScenario {
  return async (deployment) => {
    const id = await addExpired(deployment, { providerId });
    return { ...(await prepare(deployment, id)), connections };
  };
}

const twoRefreshes: Prepare = async (_deployment, id) => ({
  sides: [
    { ...refreshOf(id), refusals: ['busy'] },
    { ...refreshOf(id), refusals: ['busy'] },
  ],
});

const refreshAndReconnect =
  (providerId: string): Prepare =>
  async (deployment, id) => {
    const returned = await returnedReconnect(deployment, id, 'new', providerId);
    return {
      sides: [
        { ...refreshOf(id), refusals: ['busy'] },
        { ...oauthReconnectOf(returned, 'new'), refusals: ['busy', 'reconnect_in_progress'] },
      ],
    };
  };

const reversed =
  (prepare: Prepare): Prepare =>
  async (deployment, id) => {
    const { sides, ...others } = await prepare(deployment, id);
    return { sides: [sides[1], sides[0]], ...others };
  };

const afterTheLease =
  (prepare: Prepare): Prepare =>
  async (deployment, id) => ({
    ...(await prepare(deployment, id)),
    secondsBetween: REFRESH_LEASE_EXPIRED_SECONDS,
  });

const refreshAndDisconnect: Prepare = async (_deployment, id) => ({
  sides: [
    { ...refreshOf(id), refusals: ['busy', 'connection_not_found'] },
    { ...disconnectOf(id), refusals: ['busy'] },
  ],
});

const refreshAndCheck: Prepare = async (_deployment, id) => ({
  sides: [
    { ...refreshOf(id), refusals: ['busy'] },
    { run: checkOf(id).run, refusals: ['busy'] },
  ],
});

const refreshAndSweep: Prepare = async (_deployment, id) => ({
  sides: [{ ...refreshOf(id), refusals: ['busy'] }, SWEEP],
});

const PAIRS: Readonly<Record<string, PairScenario>> = {
  'two refreshes': pairOf(twoRefreshes, BOX),
  'two refreshes without rotation': pairOf(twoRefreshes, GOOGLE),
  'two refreshes within a grace period, the second after the lease of the first expired': pairOf(
    afterTheLease(twoRefreshes),
    JIRA,
  ),
  'a refresh and a reconnect': pairOf(refreshAndReconnect(BOX), BOX),
  'a reconnect and a refresh': pairOf(reversed(refreshAndReconnect(BOX)), BOX),
  'a refresh and a disconnect': pairOf(refreshAndDisconnect, BOX, [0]),
  'a disconnect and a refresh': pairOf(reversed(refreshAndDisconnect), BOX, [0]),
  'a refresh and a check': pairOf(refreshAndCheck, BOX),
  'a check and a refresh': pairOf(reversed(refreshAndCheck), BOX),
  'a refresh and a sweep': pairOf(refreshAndSweep, BOX),
  'a refresh and a sweep after its lease expired': pairOf(afterTheLease(refreshAndSweep), BOX),
};

describe('in every order of the calls of two operations, both end as one after the other', {
  timeout: 120_000,
}, () => {
  test.each(Object.entries(PAIRS))('%s', async (_name, scenario) => {
    expect(await everyInterleaving(inDeployment, scenario)).toEqual([]);
  });
});
