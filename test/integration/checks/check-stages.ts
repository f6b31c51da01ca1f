import { told } from '../protocols/stages.ts';
import type { State } from '../protocols/state.ts';
import type { Deployment } from './deployment.ts';
import type { Stage, Work } from './every-fault.ts';
import { runAnnouncer, runScheduler, runWorker } from './functions.ts';
import type { Process } from './process.ts';

const DAY_SECONDS = 24 * 60 * 60;

/** One delivery of all that is in the queue. What is done is deleted, unless the process died. */
export async function deliver({ queue }: Deployment, { ports, wire }: Process): Promise<boolean> {
  const messages = queue.ready();
  const again = await runWorker(messages, ports);
  if (wire.crashed) return false;
  for (const message of messages) if (!again.has(message.messageId)) queue.delete(message);
  return again.size === 0;
}

async function runs(run: Promise<unknown>): Promise<boolean> {
  await run;
  return true;
}

/** Which of the connections were not checked for a turn. */
async function unchecked(
  deployment: Deployment,
  ids: readonly string[],
  scheduledFor: string,
): Promise<string[]> {
  const checks = await Promise.all(ids.map((id) => deployment.lastCheck(id)));
  return ids
    .filter((_, index) => checks[index]?.scheduledFor !== scheduledFor)
    .map((id) => `${id} was not checked for its turn`);
}

/** Where the status of a connection, or how often it turned, is another than it should be. */
function statusFaults(state: State, id: string, expected: { status: string; turns: number }): string[] {
  const status = state.connections.find((kept) => kept.id === id)?.item.summary.status;
  const turns = told(state, ({ type, connectionId }) => type === 'status_changed' && connectionId === id);
  return status === expected.status && turns === expected.turns
    ? []
    : [`${id} is ${status} after ${turns} turns instead of ${expected.status} after ${expected.turns}`];
}

const toldTimes = (state: State, type: string, times: number) => {
  const actual = told(state, (entry) => entry.type === type);
  return actual === times ? [] : [`${type} is told ${actual} times instead of ${times}`];
};

/** The check of one connection. An answer that says nothing turns nothing: then the next turn does. */
async function checkOf(
  deployment: Deployment,
  id: string,
  expected: { outcome: string; status: string; turns: number },
): Promise<Work> {
  deployment.nextMinute();
  const scheduledFor = await deployment.enqueue('trello', [id]);
  let missed: readonly string[] = [];
  return {
    run: (process) => deliver(deployment, process),
    async follow() {
      await deployment.drain();
      missed = await unchecked(deployment, [id], scheduledFor);
      const check = await deployment.lastCheck(id);
      if (check?.outcome === expected.outcome) return;
      deployment.nextMinute();
      await deployment.enqueue('trello', [id]);
      await deployment.drain();
    },
    async wrong() {
      const state = await deployment.state();
      const turned = statusFaults(state, id, expected);
      return [...missed, ...turned, ...(await deployment.breaches(state))];
    },
  };
}

/** What the worker of checks does. An answer that says nothing turns nothing: then the next turn does. */
export const WORKER_STAGES: Readonly<Record<string, Stage>> = {
  'turn what was revoked': async (deployment) => {
    const id = await deployment.connected('trello', 'jo');
    deployment.providers.revoke('trello', 'jo');
    return checkOf(deployment, id, { outcome: 'rejected', status: 'inactive', turns: 1 });
  },

  'put off what a provider will not hear': async (deployment) => {
    const id = await deployment.connected('trello', 'jo');
    deployment.nextMinute();
    const scheduledFor = await deployment.enqueue('trello', [id]);
    deployment.providers.fault('trello', 'rate_limited');
    return {
      run: (process) => deliver(deployment, process),
      async follow() {
        deployment.providers.fault('trello', 'none');
        await deployment.drain();
      },
      async wrong() {
        const state = await deployment.state();
        const missed = await unchecked(deployment, [id], scheduledFor);
        const turned = statusFaults(state, id, { status: 'active', turns: 0 });
        return [...missed, ...turned, ...(await deployment.breaches(state))];
      },
    };
  },
};

/** What the clock starts. What it did not do, its next run does. */
export const SCHEDULE_STAGES: Readonly<Record<string, Stage>> = {
  'enqueue what is due': async (deployment) => {
    const ids = [await deployment.connected('trello', 'jo'), await deployment.connected('github', 'ada')];
    const scheduledFor = await deployment.untilDue();
    return {
      run: ({ ports }) => runs(runScheduler(ports)),
      async follow() {
        deployment.nextMinute();
        await runScheduler(deployment.sound);
        await deployment.drain();
      },
      async wrong() {
        const missed = await unchecked(deployment, ids, scheduledFor);
        const asked = ['trello', 'github'].map((provider) => deployment.providers.asked(provider));
        return [...missed, ...(asked.every((times) => times === 1) ? [] : [`were asked ${asked} times`])];
      },
    };
  },

  'announce a coming end': async (deployment) => {
    const days = (count: number) => count * DAY_SECONDS;
    const end = new Date(deployment.now().getTime() + days(20) * 1000);
    const id = await deployment.connected('trello', 'jo', end.toISOString());
    deployment.advance(days(6));
    return {
      run: ({ ports }) => runs(runAnnouncer(ports)),
      async follow() {
        deployment.nextMinute();
        await runAnnouncer(deployment.sound);
      },
      async wrong() {
        const state = await deployment.state();
        const unturned = statusFaults(state, id, { status: 'active', turns: 0 });
        return [...toldTimes(state, 'expiring', 1), ...unturned, ...(await deployment.breaches(state))];
      },
    };
  },

  'end what has expired': async (deployment) => {
    const end = new Date(deployment.now().getTime() + DAY_SECONDS * 1000);
    const id = await deployment.connected('trello', 'jo', end.toISOString());
    deployment.advance(DAY_SECONDS);
    return {
      run: ({ ports }) => runs(runAnnouncer(ports)),
      async follow() {
        deployment.nextMinute();
        await runAnnouncer(deployment.sound);
      },
      async wrong() {
        const state = await deployment.state();
        const turned = statusFaults(state, id, { status: 'inactive', turns: 1 });
        const inTime = told(state, ({ reason }) => reason === 'credentials_expired');
        return [
          ...(inTime === 1 ? [] : ['it did not end for its time']),
          ...turned,
          ...(await deployment.breaches(state)),
        ];
      },
    };
  },
};
