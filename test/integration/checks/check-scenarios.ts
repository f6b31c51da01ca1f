import type { SimulatedDeployment } from '../../harness/deployment.ts';
import type { FaultScenario, Invocation } from '../../harness/every-fault.ts';
import { runAnnouncer, runScheduler } from '../../harness/invocations.ts';
import { addConnection } from '../../harness/operations.ts';
import { countEntries, type StoredState } from '../../harness/stored-state.ts';
import { advanceToSlot, deliverReady, drain, enqueueCheck } from './deliveries.ts';

const DAY_SECONDS = 24 * 60 * 60;
const MINUTE_SECONDS = 60;

async function done(run: Promise<unknown>): Promise<boolean> {
  await run;
  return true;
}

/** Names the connections whose last check is not the scheduled one. */
async function unchecked(
  { faultless: { lastChecks } }: SimulatedDeployment,
  ids: readonly string[],
  scheduledFor: string,
): Promise<string[]> {
  const checks = await Promise.all(ids.map((id) => lastChecks.find(id)));
  return ids
    .filter((_, index) => checks[index]?.scheduledFor !== scheduledFor)
    .map((id) => `${id} was not checked for its scheduled time`);
}

interface ExpectedStatus {
  readonly status: 'active' | 'inactive';
  /** Number of times that the status changed. */
  readonly changes: number;
}

function statusViolations(state: StoredState, id: string, expected: ExpectedStatus): string[] {
  const status = state.connections.find((connection) => connection.id === id)?.item.summary.status;
  const changes = countEntries(
    state,
    ({ type, connectionId }) => type === 'status_changed' && connectionId === id,
  );
  return status === expected.status && changes === expected.changes
    ? []
    : [`${id} is ${status} after ${changes} changes, not ${expected.status} after ${expected.changes}`];
}

async function stateViolations(
  deployment: SimulatedDeployment,
  id: string,
  expected: ExpectedStatus,
): Promise<readonly string[]> {
  const state = await deployment.state();
  return [...statusViolations(state, id, expected), ...(await deployment.invariantViolations(state))];
}

/** Invocations of the worker of checks. A response without a verdict changes no status; then the next check does. */
export const WORKER_SCENARIOS: Readonly<Record<string, FaultScenario>> = {
  'deactivate a revoked connection': async (deployment): Promise<Invocation> => {
    const id = await addConnection(deployment, { user: 'jo' });
    deployment.providers.revoke('trello', 'jo');
    deployment.advance(MINUTE_SECONDS);
    const scheduledFor = await enqueueCheck(deployment, 'trello', [id]);
    return {
      run: (process) => deliverReady(deployment, process),
      async verify() {
        await drain(deployment);
        const missed = await unchecked(deployment, [id], scheduledFor);
        const lastCheck = await deployment.faultless.lastChecks.find(id);
        if (lastCheck?.outcome !== 'rejected') {
          deployment.advance(MINUTE_SECONDS);
          await enqueueCheck(deployment, 'trello', [id]);
          await drain(deployment);
        }
        const expected = { status: 'inactive', changes: 1 } as const;
        return [...missed, ...(await stateViolations(deployment, id, expected))];
      },
    };
  },

  'postpone the check of a rate-limited provider': async (deployment): Promise<Invocation> => {
    const id = await addConnection(deployment, { user: 'jo' });
    deployment.advance(MINUTE_SECONDS);
    const scheduledFor = await enqueueCheck(deployment, 'trello', [id]);
    deployment.providers.setFault('trello', 'rate_limited');
    return {
      run: (process) => deliverReady(deployment, process),
      async verify() {
        deployment.providers.setFault('trello', 'none');
        await drain(deployment);
        const expected = { status: 'active', changes: 0 } as const;
        return [
          ...(await unchecked(deployment, [id], scheduledFor)),
          ...(await stateViolations(deployment, id, expected)),
        ];
      },
    };
  },
};

/** Runs of schedules. The next run does what a failed one left. */
export const SCHEDULE_SCENARIOS: Readonly<Record<string, FaultScenario>> = {
  'enqueue due checks': async (deployment): Promise<Invocation> => {
    const ids = [
      await addConnection(deployment, { user: 'jo' }),
      await addConnection(deployment, { user: 'ada', providerId: 'github' }),
    ];
    const scheduledFor = await advanceToSlot(deployment);
    return {
      run: ({ ports }) => done(runScheduler(ports)),
      async verify() {
        deployment.advance(MINUTE_SECONDS);
        await runScheduler(deployment.faultless);
        await drain(deployment);
        const counts = ['trello', 'github'].map((provider) =>
          deployment.providers.verificationCount(provider),
        );
        return [
          ...(await unchecked(deployment, ids, scheduledFor)),
          ...(counts.every((count) => count === 1) ? [] : [`the providers were asked ${counts} times`]),
        ];
      },
    };
  },

  'announce an expiry': async (deployment): Promise<Invocation> => {
    const id = await addExpiring(deployment, 20);
    deployment.advance(6 * DAY_SECONDS);
    return {
      run: ({ ports }) => done(runAnnouncer(ports)),
      async verify() {
        await announceNextMinute(deployment);
        const times = countEntries(await deployment.state(), ({ type }) => type === 'expiring');
        return [
          ...(times === 1 ? [] : [`the expiry was announced ${times} times`]),
          ...(await stateViolations(deployment, id, { status: 'active', changes: 0 })),
        ];
      },
    };
  },

  'deactivate an expired connection': async (deployment): Promise<Invocation> => {
    const id = await addExpiring(deployment, 1);
    deployment.advance(DAY_SECONDS);
    return {
      run: ({ ports }) => done(runAnnouncer(ports)),
      async verify() {
        await announceNextMinute(deployment);
        const expired = countEntries(
          await deployment.state(),
          ({ reason }) => reason === 'credentials_expired',
        );
        return [
          ...(expired === 1 ? [] : ['the status has another reason than the expiry']),
          ...(await stateViolations(deployment, id, { status: 'inactive', changes: 1 })),
        ];
      },
    };
  },
};

function addExpiring(deployment: SimulatedDeployment, days: number): Promise<string> {
  const expiresAt = new Date(deployment.now().getTime() + days * DAY_SECONDS * 1000).toISOString();
  return addConnection(deployment, { user: 'jo', expiresAt });
}

async function announceNextMinute(deployment: SimulatedDeployment): Promise<void> {
  deployment.advance(MINUTE_SECONDS);
  await runAnnouncer(deployment.faultless);
}
