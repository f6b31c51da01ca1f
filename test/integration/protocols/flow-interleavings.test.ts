import { describe, expect, test } from 'vitest';
import type { SimulatedDeployment } from '../../harness/deployment.ts';
import { everyInterleaving, type PairScenario } from '../../harness/interleavings.ts';
import {
  ANNOUNCEMENT,
  addConnection,
  addFlow,
  checkOf,
  creationOf,
  flowRemovalOf,
  linkOf,
  PROVIDER,
  reconnectOf,
  renameOf,
  SWEEP,
  unlinkOf,
} from '../../harness/operations.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';

/** The intent of a creation lasts 15 minutes. */
const INTENT_EXPIRED_SECONDS = 15 * 60 + 1;
const DAY_SECONDS = 24 * 60 * 60;

const inDeployment = simulatedDeployments();

/** Adds a connection that two flows use. */
async function addShared(deployment: SimulatedDeployment): Promise<string> {
  const id = await addConnection(deployment);
  await addFlow(deployment, 'flow-2');
  await linkOf(id, 'flow-2').run(deployment.faultless);
  return id;
}

/** Adds a connection that ends in 10 days, and lets 3 days pass: its second reminder is due, and the first as well. */
async function addExpiring(deployment: SimulatedDeployment): Promise<string> {
  const expiresAt = new Date(deployment.now().getTime() + 10 * DAY_SECONDS * 1000).toISOString();
  const id = await addConnection(deployment, { expiresAt });
  deployment.advance(3 * DAY_SECONDS + 1);
  return id;
}

const PAIRS: Readonly<Record<string, PairScenario>> = {
  'a creation and a sweep after its intent expired': async (deployment) => {
    await addFlow(deployment, 'flow');
    return {
      sides: [{ ...creationOf(deployment), refusals: ['busy'] }, SWEEP],
      connections: [0, 1],
      secondsBetween: INTENT_EXPIRED_SECONDS,
    };
  },

  'two creations for one step': async (deployment) => {
    await addFlow(deployment, 'flow');
    return { sides: [creationOf(deployment), creationOf(deployment, { user: 'newer' })], connections: [1] };
  },

  'a creation and the removal of its flow': async (deployment) => {
    await addFlow(deployment, 'flow');
    const { run } = flowRemovalOf('flow');
    return {
      sides: [{ ...creationOf(deployment), refusals: ['flow_not_found'] }, { run }],
      connections: [0, 1],
    };
  },

  'two renames': async (deployment) => {
    const id = await addConnection(deployment);
    return { sides: [renameOf(id, 'One'), renameOf(id, 'Other')], connections: [1] };
  },

  'a rename and a disconnect': async (deployment) => {
    const id = await addConnection(deployment);
    const { run } = renameOf(id, 'Other');
    return { sides: [{ run, refusals: ['connection_not_found'] }, unlinkOf('flow')], connections: [0] };
  },

  'two links': async (deployment) => {
    const id = await addConnection(deployment);
    await addFlow(deployment, 'flow-2');
    await addFlow(deployment, 'flow-3');
    return { sides: [linkOf(id, 'flow-2'), linkOf(id, 'flow-3')], connections: [1] };
  },

  'the same link twice': async (deployment) => {
    const id = await addConnection(deployment);
    await addFlow(deployment, 'flow-2');
    const { run } = linkOf(id, 'flow-2');
    return { sides: [{ run }, { run }], connections: [1] };
  },

  'two unlinks, one of them the last': async (deployment) => {
    await addShared(deployment);
    return { sides: [unlinkOf('flow'), unlinkOf('flow-2')], connections: [0] };
  },

  'the same unlink twice': async (deployment) => {
    await addShared(deployment);
    const side = { run: unlinkOf('flow').run, refusals: ['integration_not_found'] } as const;
    return { sides: [side, side], connections: [1] };
  },

  'two announcements of the same expiry': async (deployment) => {
    await addExpiring(deployment);
    return { sides: [ANNOUNCEMENT, ANNOUNCEMENT], connections: [1] };
  },

  'an announcement and a check that finds the credentials revoked': async (deployment) => {
    const id = await addExpiring(deployment);
    deployment.providers.revoke(PROVIDER, 'old');
    return { sides: [{ run: ANNOUNCEMENT.run }, { run: checkOf(id).run }], connections: [1] };
  },

  'an announcement and a reconnect': async (deployment) => {
    const id = await addExpiring(deployment);
    return { sides: [{ run: ANNOUNCEMENT.run }, reconnectOf(deployment, id, 'new')], connections: [1] };
  },

  'a link and the last unlink': async (deployment) => {
    const id = await addConnection(deployment);
    await addFlow(deployment, 'flow-2');
    return {
      sides: [{ ...linkOf(id, 'flow-2'), refusals: ['connection_not_found'] }, unlinkOf('flow')],
      connections: [0, 1],
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
