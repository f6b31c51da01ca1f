import { describe, expect, test } from 'vitest';
import { checkBatch } from '../../../shared/domain/checks/check-batch.ts';
import { reportFailure } from '../../../shared/domain/checks/report-failure.ts';
import type { CallBudget } from '../../../shared/domain/checks/token-bucket.ts';
import type { CredentialReader } from '../../../shared/domain/credentials/store.ts';
import type { Verification } from '../../../shared/domain/credentials/verification.ts';
import { loadConnection } from '../../../shared/domain/model/connection.ts';
import { checkBatchMessage } from '../../../shared/messages/check-batch.ts';
import { PROJECT, type SimulatedDeployment } from '../../harness/deployment.ts';
import { addConnection } from '../../harness/operations.ts';
import type { Ports } from '../../harness/process.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';
import { advanceToSlot, deliver, enqueueCheck } from './deliveries.ts';
import { DOWN, OK, rateLimited, withScript } from './scripted-verifier.ts';

const inDeployment = simulatedDeployments();

/** Adds connections by the names of their credentials, and enqueues a check of all of them. */
async function enqueueChecksOf(
  deployment: SimulatedDeployment,
  names: readonly string[],
  providerId = 'notion',
) {
  const ids = await Promise.all(names.map((user) => addConnection(deployment, { user, providerId })));
  deployment.advance(60);
  return { ids, scheduledFor: await enqueueCheck(deployment, providerId, ids) };
}

/** Reports a failure of a connection, as the engine does. */
async function reportFailureOf(connectionId: string, { faultless }: SimulatedDeployment): Promise<void> {
  const { connection } = await loadConnection({ projectId: PROJECT, connectionId }, faultless);
  await reportFailure(connection, faultless);
}

/** Returns the connections of each message in the queue. */
function queuedConnections({ queue }: SimulatedDeployment): readonly (readonly string[])[] {
  return queue
    .all()
    .map(({ body }) =>
      checkBatchMessage.parse(JSON.parse(body)).connections.map(({ connectionId }) => connectionId),
    );
}

/** Replaces the reader of credentials by one that cannot read those of one connection. */
function withoutCredentialsOf(id: string, ports: Ports): Ports {
  const read: CredentialReader['read'] = (version) =>
    version.connectionId === id
      ? Promise.reject(new Error('There is no such secret.'))
      : ports.credentials.read(version);
  return { ...ports, credentials: { ...ports.credentials, read } };
}

/** Replaces the call budget by one that grants at most `limit` checks. `requested` collects the requested numbers. */
function withBudget(limit: number, ports: Ports) {
  const requested: number[] = [];
  const takeTokens: CallBudget['takeTokens'] = async (_providerId, { checks }) => {
    requested.push(checks);
    const granted = Math.min(limit, checks);
    return { granted, retryAfterSeconds: granted < checks ? 10 : 0, isReserved: false };
  };
  return { requested, ports: { ...ports, callBudget: { ...ports.callBudget, takeTokens } } };
}

describe('a rate-limited account', () => {
  test('delays no other connection, and is checked alone after the delay', () =>
    inDeployment(async (deployment) => {
      const names = ['over', ...Array.from({ length: 11 }, (_, index) => `well-${index}`)];
      const { ids, scheduledFor } = await enqueueChecksOf(deployment, names);
      const started = deployment.now().getTime();
      const first = withScript(deployment.faultless, (name) => (name === 'over' ? rateLimited(2000) : OK));
      await deliver(deployment, deployment.queue.ready(), first.ports);
      expect(first.verified).toHaveLength(12);
      expect(queuedConnections(deployment)).toEqual([[ids[0]]]);
      // SQS delays a message by 900 s at most.
      const later = withScript(deployment.faultless, () => OK);
      let deliveries = 0;
      while (deployment.queue.advanceToNext()) {
        deliveries += 1;
        expect(later.verified).toEqual([]);
        await deliver(deployment, deployment.queue.ready(), later.ports);
      }
      expect([later.verified, deliveries]).toEqual([['over'], 3]);
      expect(deployment.now().getTime() - started).toBeGreaterThanOrEqual(2_000_000);
      const lastCheck = await deployment.faultless.lastChecks.find(ids[0] ?? '');
      expect(lastCheck).toMatchObject({ outcome: 'ok', scheduledFor });
    }));

  test('is not asked by the next scheduled check before the delay is over', () =>
    inDeployment(async (deployment) => {
      const { ids } = await enqueueChecksOf(deployment, ['over']);
      const first = withScript(deployment.faultless, () => rateLimited(600));
      await deliver(deployment, deployment.queue.ready(), first.ports);
      deployment.advance(60);
      await enqueueCheck(deployment, 'notion', ids);
      const next = withScript(deployment.faultless, () => OK);
      await deliver(deployment, deployment.queue.ready(), next.ports);
      expect(next.verified).toEqual([]);
      expect(queuedConnections(deployment)).toEqual([ids, ids]);
    }));
});

describe('a provider', () => {
  test.each<readonly [string, (name: string) => Verification, number, number]>([
    ['limits half of the calls', (name) => (/[02468]$/.test(name) ? OK : rateLimited(300)), 300, 7],
    ['responds to no call', () => DOWN, 60, 2],
  ])(
    'that %s is not called for a time, and what is left of the batch waits for that',
    (...[, script, seconds, left]) =>
      inDeployment(async (deployment) => {
        const names = Array.from({ length: 12 }, (_, index) => `one-${index}`);
        const { ids } = await enqueueChecksOf(deployment, names);
        const { verified, ports } = withScript(deployment.faultless, script);
        const started = deployment.now().getTime();
        expect(await deliver(deployment, deployment.queue.ready(), ports)).toEqual(new Set());
        expect(verified).toHaveLength(10);
        const [postponed = [], ...others] = queuedConnections(deployment);
        expect([postponed.length, others]).toEqual([left, []]);
        expect(postponed).toEqual(expect.arrayContaining(ids.slice(10)));
        const rate = { perSecond: 20, burst: 100 };
        const request = {
          checks: 1,
          following: 0,
          tokensPerCheck: 1,
          isUrgent: false,
          isReserved: false,
          rate,
        };
        const granted = async (after: number) => {
          const at = new Date(deployment.now().getTime() + after * 1000);
          return (await deployment.faultless.callBudget.takeTokens('notion', request, at)).granted;
        };
        expect([await granted(seconds - 1), await granted(seconds + 1)]).toEqual([0, 1]);
        deployment.queue.advanceToNext();
        expect(Math.round((deployment.now().getTime() - started) / 1000)).toBe(seconds);
      }),
  );
});

describe('the call budget', () => {
  test('is not charged for a redelivered batch', () =>
    inDeployment(async (deployment) => {
      await enqueueChecksOf(deployment, ['ada', 'jo']);
      const messages = deployment.queue.ready();
      const first = withBudget(10, deployment.faultless);
      await deliver(deployment, messages, withScript(first.ports, () => OK).ports);
      const second = withBudget(10, deployment.faultless);
      const { verified, ports } = withScript(second.ports, () => OK);
      expect(await deliver(deployment, messages, ports)).toEqual(new Set());
      expect([first.requested, second.requested, verified]).toEqual([[2], [], []]);
    }));

  test('is charged two tokens for a check that makes two calls', () =>
    inDeployment(async (deployment) => {
      const names = Array.from({ length: 50 }, (_, index) => `one-${index}`);
      await enqueueChecksOf(deployment, names, 'trello');
      const { ports } = withScript(deployment.faultless, () => OK);
      await deliver(deployment, deployment.queue.ready(), ports);
      const rate = { perSecond: 20, burst: 100 };
      const options = { following: 0, isUrgent: false, isReserved: false, rate };
      const request = { ...options, checks: 1_000, tokensPerCheck: 1 };
      const { granted } = await deployment.faultless.callBudget.takeTokens('trello', request, new Date(0));
      expect(granted).toBeLessThan(50);
    }));
});

describe('a connection that an engine reported', () => {
  test('is checked at once, even during a cooldown of its provider', () =>
    inDeployment(async (deployment) => {
      const connectionId = await addConnection(deployment, { user: 'ada', providerId: 'notion' });
      await deployment.faultless.callBudget.startCooldown('notion', 3600, deployment.now());
      await reportFailureOf(connectionId, deployment);
      const { verified, ports } = withScript(deployment.faultless, () => OK);
      await deliver(deployment, deployment.queue.ready(), ports);
      expect([verified, queuedConnections(deployment)]).toEqual([['ada'], []]);
    }));

  test('loses its priority once it was rate-limited', () =>
    inDeployment(async (deployment) => {
      const connectionId = await addConnection(deployment, { user: 'ada', providerId: 'notion' });
      await reportFailureOf(connectionId, deployment);
      const first = withScript(deployment.faultless, () => rateLimited(30));
      await deliver(deployment, deployment.queue.ready(), first.ports);
      await deployment.faultless.callBudget.startCooldown('notion', 3600, deployment.now());
      deployment.queue.advanceToNext();
      const next = withScript(deployment.faultless, () => OK);
      await deliver(deployment, deployment.queue.ready(), next.ports);
      expect([next.verified, queuedConnections(deployment)]).toEqual([[], [[connectionId]]]);
    }));
});

test('a check that fails on our side delays no other of its batch, and reaches the dead-letter queue alone', () =>
  inDeployment(async (deployment) => {
    const { ids, scheduledFor } = await enqueueChecksOf(deployment, ['broken', 'ada', 'late']);
    const [broken = '', ada = '', late = ''] = ids;
    const budget = withBudget(2, withoutCredentialsOf(broken, deployment.faultless));
    const { verified, ports } = withScript(budget.ports, () => OK);
    expect(await deliver(deployment, deployment.queue.ready(), ports)).toEqual(new Set());
    expect(await deployment.faultless.lastChecks.find(ada)).toMatchObject({ scheduledFor });
    expect(queuedConnections(deployment).toSorted()).toEqual([[broken], [late]].toSorted());
    // A batch that fails as a whole is redelivered by SQS, which counts the deliveries.
    deployment.advance(60);
    const messageIds = new Set<string>();
    for (let deliveries = 1; deliveries <= 2; deliveries += 1) {
      const failed = await deliver(deployment, deployment.queue.ready(), ports);
      expect([failed.size, queuedConnections(deployment)]).toEqual([1, [[broken]]]);
      for (const messageId of failed) messageIds.add(messageId);
    }
    expect(messageIds.size).toBe(1);
    expect(verified).toEqual(['ada', 'late']);
  }));

test('a batch reports its delay, postponed or not, until the next scheduled check supersedes it', () =>
  inDeployment(async (deployment) => {
    const connectionId = await addConnection(deployment, { user: 'ada', providerId: 'notion' });
    const connections = [{ projectId: PROJECT, connectionId }];
    const scheduledFor = await advanceToSlot(deployment);
    const batch = { scheduledFor, providerId: 'notion', correlationId: 'run', connections };
    deployment.advance(600);
    await deployment.faultless.callBudget.startCooldown('notion', 60, deployment.now());
    const postponed = { secondsLate: expect.closeTo(600, 0), outcomes: {}, postponed: 1 };
    expect(await checkBatch(batch, deployment.faultless)).toMatchObject(postponed);
    deployment.advance(60);
    const checked = { secondsLate: expect.closeTo(660, 0), outcomes: { ok: 1 }, postponed: 0 };
    expect(await checkBatch(batch, deployment.faultless)).toMatchObject(checked);
    deployment.advance(3600);
    const superseded = { secondsLate: 0, outcomes: {}, postponed: 0, superseded: 1 };
    expect(await checkBatch(batch, deployment.faultless)).toMatchObject(superseded);
  }));
