import { describe, expect, test } from 'vitest';
import { checkScheduled } from '../../../shared/domain/checks/check.ts';
import { issueCredentials } from '../../../shared/domain/issuing/issue-credentials.ts';
import { timestamp } from '../../../shared/domain/operation-context.ts';
import { advanceDeletions } from '../../../shared/domain/projects/advance.ts';
import { deleteProject } from '../../../shared/domain/projects/delete.ts';
import { restoreProject } from '../../../shared/domain/projects/restore.ts';
import {
  beforeRestore,
  duringDeletion,
  leftovers,
  type Prepare,
  restore,
} from '../../harness/deleted-project.ts';
import { PROJECT, type SimulatedDeployment } from '../../harness/deployment.ts';
import { type FaultScenario, testEveryFault } from '../../harness/every-fault.ts';
import { barrierAt } from '../../harness/fault-injector.ts';
import { everyInterleaving } from '../../harness/interleavings.ts';
import { addExpired, BOX, refreshOf } from '../../harness/oauth-operations.ts';
import {
  addConnection,
  addFlow,
  checkOf,
  crashAt,
  creationOf,
  DELETION,
  reconnectOf,
  renameOf,
  unlinkOf,
} from '../../harness/operations.ts';
import type { Ports } from '../../harness/process.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';

const inDeployment = simulatedDeployments();

const creation: Prepare = async (deployment) => {
  await addFlow(deployment, 'flow');
  return { run: creationOf(deployment).run };
};

const disconnect: Prepare = async (deployment) => {
  await addConnection(deployment);
  return { run: unlinkOf('flow').run };
};

const reconnect: Prepare = async (deployment) => {
  const id = await addConnection(deployment);
  return { run: reconnectOf(deployment, id, 'new').run };
};

const refreshWithRotation: Prepare = async (deployment) => {
  const id = await addExpired(deployment, { providerId: BOX });
  return { run: refreshOf(id).run };
};

describe('in every order of the calls of an operation and of a deletion', { timeout: 120_000 }, () => {
  test.each([
    ['a creation', creation],
    ['a disconnect', disconnect],
  ])('%s leaves nothing', async (_name, prepare) => {
    expect(await everyInterleaving(inDeployment, duringDeletion(prepare))).toEqual([]);
  });

  test.each([
    ['a reconnect', reconnect],
    ['a refresh that replaces the refresh token', refreshWithRotation],
  ])('%s loses nothing if the project is restored, and leaves nothing then', async (_name, prepare) => {
    expect(await everyInterleaving(inDeployment, beforeRestore(prepare))).toEqual([]);
  });
});

const FAULTS: Readonly<Record<string, FaultScenario>> = {
  'a request': async (deployment) => {
    await addConnection(deployment);
    return {
      run: async ({ ports }) => (await deleteProject(PROJECT, ports)).status === 'disabling',
      verify: () => leftovers(deployment),
    };
  },
  'a run that disables': async (deployment) => {
    await addConnection(deployment);
    await deleteProject(PROJECT, deployment.faultless);
    return { run: runOf, verify: () => leftovers(deployment) };
  },
  'a run that restores': async (deployment) => {
    await addConnection(deployment);
    await DELETION.run(deployment.faultless);
    await restoreProject(PROJECT, deployment.faultless);
    return {
      run: runOf,
      async verify() {
        await runOf(deployment.faultlessProcess);
        return deployment.invariantViolations(await deployment.recover());
      },
    };
  },
};

/** Runs the schedule, which reports what failed. */
async function runOf({ ports }: SimulatedDeployment['faultlessProcess']): Promise<boolean> {
  return (await advanceDeletions(ports)).failures.length === 0;
}

describe('with any fault at any call of a deletion, a repetition ends it', { timeout: 120_000 }, () => {
  testEveryFault(inDeployment, FAULTS);
});

describe('a project of several pages of connections', { timeout: 60_000 }, () => {
  const CONNECTIONS = 60;

  async function addConnections(deployment: SimulatedDeployment): Promise<void> {
    for (const index of Array.from({ length: CONNECTIONS }, (_, number) => number)) {
      await addConnection(deployment, { user: `user-${index}` });
    }
  }

  async function countDisabled(deployment: SimulatedDeployment): Promise<number> {
    return (await deployment.state()).connections.filter(({ attributes }) => attributes.disabled).length;
  }

  test('is disabled from where an interrupted run stopped, and restored', async () => {
    await inDeployment(async (deployment) => {
      await addConnections(deployment);
      await crashAt(deployment, { write: 1 }, 'crash_after', DELETION);
      expect(await countDisabled(deployment)).toBe(25);
      await advanceDeletions(deployment.faultless);
      expect(await countDisabled(deployment)).toBe(CONNECTIONS);
      expect(await deployment.faultless.deletions.find(PROJECT)).toMatchObject({ status: 'disabled' });
      await restore(deployment);
      expect(await countDisabled(deployment)).toBe(0);
      expect(await deployment.invariantViolations(await deployment.recover())).toEqual([]);
    });
  });

  test('is disabled as far as the time of a run allows, and further by the next one', async () => {
    await inDeployment(async (deployment) => {
      await addConnections(deployment);
      await deleteProject(PROJECT, deployment.faultless);
      let pages = 2;
      const hasTime = () => {
        pages -= 1;
        return pages >= 0;
      };
      await advanceDeletions({ ...deployment.faultless, hasTime });
      expect(await countDisabled(deployment)).toBe(50);
      await advanceDeletions(deployment.faultless);
      expect(await countDisabled(deployment)).toBe(CONNECTIONS);
    });
  });

  test('is not disabled by a run that a restore overtook', async () => {
    await inDeployment(async (deployment) => {
      await addConnections(deployment);
      await deleteProject(PROJECT, deployment.faultless);
      const barrier = barrierAt({ write: 1 });
      const { ports } = deployment.process({ barrier });
      const run = advanceDeletions(ports);
      await barrier.reached.promise;
      await restoreProject(PROJECT, deployment.faultless);
      barrier.released.resolve();
      await run;
      await advanceDeletions(deployment.faultless);
      expect(await countDisabled(deployment)).toBe(0);
      expect(await deployment.faultless.deletions.find(PROJECT)).toBeUndefined();
    });
  });

  test('leaves nothing', async () => {
    await inDeployment(async (deployment) => {
      await addConnections(deployment);
      expect(await leftovers(deployment)).toEqual([]);
    });
  });
});

test('no operation finds a connection of a deleted project, until it is restored', async () => {
  await inDeployment(async (deployment) => {
    const { faultless } = deployment;
    const id = await addConnection(deployment);
    const ref = { projectId: PROJECT, connectionId: id };
    const operations = [
      renameOf(id, 'New'),
      checkOf(id),
      reconnectOf(deployment, id, 'new'),
      { run: (ports: Ports) => issueCredentials(ref, ports) },
    ];
    await DELETION.run(faultless);
    for (const { run } of operations) {
      await expect(run(faultless)).rejects.toMatchObject({ problem: { code: 'connection_not_found' } });
    }
    expect(await checkScheduled(ref, timestamp(deployment.now()), faultless)).toBeNull();
    await restore(deployment);
    for (const { run } of operations) await run(faultless);
  });
});

test('no process uses what it remembers of the keys of a project that was deleted', async () => {
  await inDeployment(async (deployment) => {
    await addFlow(deployment, 'flow');
    const { ports } = deployment.process();
    await creationOf(deployment).run(ports);
    expect(await leftovers(deployment)).toEqual([]);
    const creation = creationOf(deployment);
    await expect(creation.run(ports)).rejects.toMatchObject({ problem: { code: 'flow_not_found' } });
    await addFlow(deployment, 'flow');
    const { id: connectionId } = await creation.run(ports);
    const issued = await issueCredentials({ projectId: PROJECT, connectionId }, deployment.process().ports);
    expect(issued.connection.id).toBe(connectionId);
  });
});
