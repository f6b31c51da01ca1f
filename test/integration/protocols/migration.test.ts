import { describe, expect, test } from 'vitest';
import { migrateAll, migrateCredentials } from '../../../shared/domain/connections/migrate.ts';
import { credentialStore, otherStore } from '../../harness/credential-store.ts';
import { PROJECT, type SimulatedDeployment } from '../../harness/deployment.ts';
import { everyFault } from '../../harness/every-fault.ts';
import { everyInterleaving, type PairScenario, type Side } from '../../harness/interleavings.ts';
import {
  addExpired,
  addOAuthConnection,
  BOX,
  issue,
  JIRA,
  refreshOf,
} from '../../harness/oauth-operations.ts';
import {
  addConnection,
  checkOf,
  disconnectOf,
  LEASE_EXPIRED_SECONDS,
  migrationOf,
  PROVIDER,
  reconnectOf,
  SWEEP,
} from '../../harness/operations.ts';
import type { Ports } from '../../harness/process.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';
import { credentialsNamed } from '../../harness/simulated-providers.ts';
import { storeOf } from '../../harness/stored-state.ts';
import { retried } from './scenarios.ts';

const inDeployment = simulatedDeployments();

const migrate = (id: string, ports: Ports, to = otherStore()) =>
  migrateCredentials({ projectId: PROJECT, connectionId: id }, to, ports);

/** Runs an operation beside a migration of the same connection, which may be made to wait. */
function besideMigration(
  prepare: (deployment: SimulatedDeployment) => Promise<{ readonly id: string; readonly side: Side }>,
  { isFirst = true, connections = [1], secondsBetween = 0 } = {},
): PairScenario {
  return async (deployment) => {
    const { id, side } = await prepare(deployment);
    const migration = { run: migrationOf(id).run, refusals: ['busy'] as const };
    return {
      sides: isFirst ? [migration, side] : [side, migration],
      connections,
      secondsBetween,
    };
  };
}

const withReconnect = async (deployment: SimulatedDeployment) => {
  const id = await addConnection(deployment);
  const refusals = ['busy', 'reconnect_in_progress'] as const;
  return { id, side: { ...reconnectOf(deployment, id, 'new'), refusals } };
};

const withRefresh = async (deployment: SimulatedDeployment) => {
  const id = await addExpired(deployment, { providerId: BOX });
  return { id, side: { ...refreshOf(id), refusals: ['busy'] as const } };
};

const withRefreshAtJira = async (deployment: SimulatedDeployment) => {
  const id = await addExpired(deployment, { providerId: JIRA });
  return { id, side: { ...refreshOf(id), refusals: ['busy'] as const } };
};

const withDisconnect = async (deployment: SimulatedDeployment) => {
  const id = await addConnection(deployment);
  return { id, side: disconnectOf(id) };
};

const withCheck = async (deployment: SimulatedDeployment) => {
  const id = await addConnection(deployment);
  return { id, side: { run: checkOf(id).run } };
};

const LATE = { secondsBetween: LEASE_EXPIRED_SECONDS };

const PAIRS: Readonly<Record<string, PairScenario>> = {
  'a migration and a reconnect': besideMigration(withReconnect),
  'a reconnect and a migration': besideMigration(withReconnect, { isFirst: false }),
  'a reconnect and, after its lease, a migration': besideMigration(withReconnect, {
    isFirst: false,
    ...LATE,
  }),
  'a migration and a refresh that rotates': besideMigration(withRefresh),
  'a refresh that rotates and a migration': besideMigration(withRefresh, { isFirst: false }),
  'a refresh that rotates and, after its lease, a migration': besideMigration(withRefresh, {
    isFirst: false,
    ...LATE,
  }),
  'a refresh with a grace period and, after its lease, a migration': besideMigration(withRefreshAtJira, {
    isFirst: false,
    ...LATE,
  }),
  'a migration and a disconnect': besideMigration(withDisconnect, { connections: [0] }),
  'a disconnect and a migration': besideMigration(withDisconnect, { isFirst: false, connections: [0] }),
  'a migration and a check': besideMigration(withCheck),
  'a migration and a sweep': besideMigration(async (deployment) => ({
    id: await addConnection(deployment),
    side: SWEEP,
  })),
  'two migrations': besideMigration(async (deployment) => {
    const id = await addConnection(deployment);
    return { id, side: { run: migrationOf(id).run, refusals: ['busy'] } };
  }),
};

describe('a migration', { timeout: 120_000 }, () => {
  test('meets any fault at any call without a loss, and succeeds when it is repeated', async () => {
    const scenario = retried(async (deployment) => ({
      ...migrationOf(await addConnection(deployment)),
      connections: [1, 1],
    }));
    expect(await everyFault(inDeployment, scenario)).toEqual([]);
  });

  test('back meets any fault at any call without a loss', async () => {
    const scenario = retried(async (deployment) => {
      const id = await addConnection(deployment);
      await migrationOf(id).run(deployment.faultless);
      await deployment.recover();
      return {
        run: async (ports) => void (await migrate(id, ports, credentialStore())),
        count: ({ connections }) =>
          connections.filter(({ item }) => storeOf(item) === credentialStore()).length,
        connections: [1, 1],
      };
    });
    expect(await everyFault(inDeployment, scenario)).toEqual([]);
  });

  test.each(Object.entries(PAIRS))(
    'and others end well in every order of their calls: %s',
    async (_name, pair) => {
      expect(await everyInterleaving(inDeployment, pair)).toEqual([]);
    },
  );

  test('keeps what the flow engine receives, and access tokens', () =>
    inDeployment(async (deployment) => {
      const id = await addConnection(deployment);
      const process = deployment.process();
      expect(await migrate(id, process.ports)).toBe('moved');
      expect(await migrate(id, process.ports)).toBe('kept');
      expect((await issue(process.ports, id)).credentials.reveal()).toEqual(
        credentialsNamed(PROVIDER, 'old').reveal(),
      );
      const authorized = await addOAuthConnection(deployment, { providerId: BOX, user: 'ada' });
      const before = await issue(deployment.faultless, authorized);
      await migrate(authorized, deployment.faultless);
      const after = await issue(deployment.faultless, authorized);
      expect(after.credentials.reveal()).toEqual(before.credentials.reveal());
    }));

  test('of many connections reports what it did, and a failed one delays no other', () =>
    inDeployment(async (deployment) => {
      const users = ['ada', 'grace', 'linus'];
      const ids: string[] = [];
      for (const user of users) ids.push(await addConnection(deployment, { user, flow: `flow-${user}` }));
      const [lost = '', ...others] = ids;
      const { credentials } = deployment.faultless;
      await credentials.retire({ projectId: PROJECT, connectionId: lost, store: credentialStore() });
      const connections = async function* () {
        for (const connectionId of ids) yield { projectId: PROJECT, connectionId };
      };
      const progress: number[] = [];
      const run = () => ({
        connections: connections(),
        to: otherStore(),
        concurrency: 2,
        pace: () => Promise.resolve(),
        onProgress: ({ moved }: { readonly moved: number }) => progress.push(moved),
      });
      expect(await migrateAll(run(), deployment.faultless)).toMatchObject({
        counts: { moved: others.length, kept: 0, waits: 0, disconnected: 0 },
        failures: [{ connection: { connectionId: lost } }],
      });
      expect(progress.at(-1)).toBe(others.length);
      await credentials.restore({ projectId: PROJECT, connectionId: lost, store: credentialStore() });
      expect(await migrateAll(run(), deployment.faultless)).toMatchObject({
        counts: { moved: 1, kept: others.length },
        failures: [],
      });
    }));
});
