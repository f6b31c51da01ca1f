import { describe, expect, test } from 'vitest';
import { STORE_CALLS } from '../../harness/credential-store.ts';
import type { SimulatedDeployment } from '../../harness/deployment.ts';
import { barrierAt } from '../../harness/fault-injector.ts';
import { everyInterleaving, type Pair, type PairScenario } from '../../harness/interleavings.ts';
import {
  addConnection,
  addWithCrashedReconnect,
  checkOf,
  disconnectOf,
  LEASE_EXPIRED_SECONDS,
  linkOf,
  type Operation,
  PROVIDER,
  reconnectOf,
  renameOf,
  SWEEP,
} from '../../harness/operations.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';

const inDeployment = simulatedDeployments();

/** Two reconnects of one connection. `busy` refuses the one whose lease expired while it was still running. */
async function twoReconnects(deployment: SimulatedDeployment): Promise<Pair> {
  const id = await addConnection(deployment);
  const refusals = ['reconnect_in_progress', 'busy'] as const;
  return {
    sides: [
      { ...reconnectOf(deployment, id, 'new'), refusals },
      { ...reconnectOf(deployment, id, 'newer'), refusals },
    ],
    connections: [1],
  };
}

async function reconnectAndSweep(deployment: SimulatedDeployment): Promise<Pair> {
  const id = await addConnection(deployment);
  return {
    sides: [{ ...reconnectOf(deployment, id, 'new'), refusals: ['busy'] }, SWEEP],
    connections: [1],
  };
}

const PAIRS: Readonly<Record<string, PairScenario>> = {
  'two reconnects': twoReconnects,
  'two reconnects, the second after the lease of the first expired': async (deployment) => ({
    ...(await twoReconnects(deployment)),
    secondsBetween: LEASE_EXPIRED_SECONDS,
  }),

  // Before the lease expires, the sweeper and the reconnect itself may promote the same version at once.
  'a reconnect and a sweep': reconnectAndSweep,
  'a reconnect and a sweep after its lease expired': async (deployment) => ({
    ...(await reconnectAndSweep(deployment)),
    secondsBetween: LEASE_EXPIRED_SECONDS,
  }),

  'a reconnect and a rename': async (deployment) => {
    const id = await addConnection(deployment);
    return { sides: [reconnectOf(deployment, id, 'new'), renameOf(id, 'Another name')], connections: [1] };
  },

  'a reconnect and a check that finds the old credentials revoked': async (deployment) => {
    const id = await addConnection(deployment);
    deployment.providers.revoke(PROVIDER, 'old');
    const { run } = checkOf(id);
    return { sides: [reconnectOf(deployment, id, 'new'), { run }], connections: [1] };
  },

  'a check that finds the old credentials revoked and a reconnect': async (deployment) => {
    const id = await addConnection(deployment);
    deployment.providers.revoke(PROVIDER, 'old');
    const { run } = checkOf(id);
    return { sides: [{ run }, reconnectOf(deployment, id, 'new')], connections: [1] };
  },

  'a reconnect and a disconnect': async (deployment) => {
    const id = await addConnection(deployment);
    const { run } = reconnectOf(deployment, id, 'new');
    return {
      sides: [{ run, refusals: ['connection_not_found'] }, disconnectOf(id)],
      connections: [0],
    };
  },

  'a disconnect and a reconnect': async (deployment) => {
    const id = await addConnection(deployment);
    const { run } = reconnectOf(deployment, id, 'new');
    return {
      sides: [disconnectOf(id), { run, refusals: ['connection_not_found'] }],
      connections: [0],
    };
  },

  'a check and a disconnect': async (deployment) => {
    const id = await addConnection(deployment);
    const { run } = checkOf(id);
    return { sides: [{ run, refusals: ['connection_not_found'] }, disconnectOf(id)], connections: [0] };
  },

  'a reconnect and a move of its last step': async (deployment) => {
    const id = await addConnection(deployment);
    const other = await addConnection(deployment, { user: 'other' });
    const { run } = reconnectOf(deployment, id, 'new');
    return {
      sides: [{ run, refusals: ['connection_not_found'] }, { run: linkOf(other, 'flow').run }],
      connections: [1],
    };
  },
};

describe('in every order of the calls of two operations, both end as one after the other', {
  timeout: 120_000,
}, () => {
  test.each(Object.entries(PAIRS))('%s', async (_name, scenario) => {
    expect(await everyInterleaving(inDeployment, scenario)).toEqual([]);
  });
});

describe('a reconnect whose lease expired before its commit', () => {
  test.each([
    ['another reconnect acquired it', (deployment, id) => reconnectOf(deployment, id, 'newer')],
    ['the sweeper removed it', () => SWEEP],
  ] satisfies [string, (deployment: SimulatedDeployment, id: string) => Operation][])(
    'commits nothing after %s',
    (_what, otherOf) =>
      inDeployment(async (deployment) => {
        const id = await addConnection(deployment);
        const barrier = barrierAt({ write: 2 });
        const reconnect = reconnectOf(deployment, id, 'new');
        const late = reconnect.run(deployment.process({ barrier }).ports).catch((error) => error);
        await barrier.reached.promise;
        deployment.advance(LEASE_EXPIRED_SECONDS);
        await otherOf(deployment, id).run(deployment.faultless);
        barrier.released.resolve();
        expect(await late).toMatchObject({ code: 'busy' });
        expect(reconnect.count(await deployment.recover())).toBe(0);
      }),
  );
});

test('a reconnect succeeds though the response to its commit is lost', () =>
  inDeployment(async (deployment) => {
    const id = await addConnection(deployment);
    const lost = { at: { write: 2 }, kind: 'timeout_after', lasting: true } as const;
    const { ports } = deployment.process({ faults: [lost] });
    expect(await reconnectOf(deployment, id, 'new').run(ports)).toMatchObject({ version: 2 });
  }));

test('a reconnect is refused with the seconds that are left of the lease of another', () =>
  inDeployment(async (deployment) => {
    const id = await addWithCrashedReconnect(deployment, STORE_CALLS.put, 'crash_before');
    deployment.advance(40);
    const refused = reconnectOf(deployment, id, 'newer').run(deployment.faultless);
    const code = 'reconnect_in_progress';
    await expect(refused).rejects.toMatchObject({ problem: { code, retryAfterSeconds: 20 } });
  }));
