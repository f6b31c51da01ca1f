import { describe, expect, test } from 'vitest';
import { reportFailure } from '../../../shared/domain/checks/report-failure.ts';
import { checkBatchMessage } from '../../../shared/messages/check-batch.ts';
import { PROJECT } from '../protocols/world.ts';
import { Deployment } from './deployment.ts';
import { runWorker } from './functions.ts';
import type { Ports } from './process.ts';
import type { Message } from './queue.ts';
import { OK, scripted, waitFor } from './script.ts';
import { Surroundings } from './surroundings.ts';

const play = <T>(scene: (deployment: Deployment) => Promise<T>) =>
  Surroundings.during((surroundings) => Deployment.play(surroundings, scene));

/** Has connections, each by the name of one who brought it, and their check enqueued. */
async function due(deployment: Deployment, names: readonly string[]) {
  const ids = await Promise.all(names.map((name) => deployment.connected('notion', name)));
  deployment.nextMinute();
  return { ids, scheduledFor: await deployment.enqueue('notion', ids) };
}

/** Has a worker handle messages. What is done is deleted; which are to come again is answered. */
async function deliver(deployment: Deployment, messages: readonly Message[], ports: Ports) {
  const again = await runWorker(messages, ports);
  for (const message of messages) if (!again.has(message.messageId)) deployment.queue.delete(message);
  return again;
}

/** The connections of each message that waits. */
const waiting = ({ queue }: Deployment) =>
  queue
    .all()
    .map(({ body }) =>
      checkBatchMessage.parse(JSON.parse(body)).connections.map(({ connectionId }) => connectionId),
    );

/** A process that cannot read one of the secrets. */
function withoutSecretOf(id: string, ports: Ports): Ports {
  return {
    ...ports,
    readSecret: (connectionId, version) =>
      connectionId === id
        ? Promise.reject(new Error('There is no such secret.'))
        : ports.readSecret(connectionId, version),
  };
}

/** A process that tells how many checks it asked the budget for, and is granted so many of them. */
function granting(most: number, ports: Ports) {
  const asked: number[] = [];
  const takeTokens: Ports['takeTokens'] = async (_providerId, { checks }) => {
    asked.push(checks);
    const granted = Math.min(most, checks);
    return { granted, retryAfterSeconds: granted < checks ? 10 : 0 };
  };
  return { asked, ports: { ...ports, takeTokens } };
}

describe('one account that is told to wait', () => {
  test('keeps none of the others waiting, and is checked by itself when its time has come', () =>
    play(async (deployment) => {
      const names = ['over', ...Array.from({ length: 11 }, (_, index) => `well-${index}`)];
      const { ids, scheduledFor } = await due(deployment, names);
      const started = deployment.now().getTime();
      const first = scripted(deployment.sound, (name) => (name === 'over' ? waitFor(2000) : OK));
      await deliver(deployment, deployment.queue.ready(), first.ports);
      expect(first.asked).toHaveLength(12);
      expect(waiting(deployment)).toEqual([[ids[0]]]);
      // SQS holds a message for 900 seconds at most.
      const later = scripted(deployment.sound, () => OK);
      let deliveries = 0;
      while (deployment.queue.awaitNext()) {
        deliveries += 1;
        expect(later.asked).toEqual([]);
        await deliver(deployment, deployment.queue.ready(), later.ports);
      }
      expect([later.asked, deliveries]).toEqual([['over'], 3]);
      expect(deployment.now().getTime() - started).toBeGreaterThanOrEqual(2_000_000);
      expect(await deployment.lastCheck(ids[0] ?? '')).toMatchObject({ outcome: 'ok', scheduledFor });
    }));

  test('is waited for by the next turn as well', () =>
    play(async (deployment) => {
      const { ids } = await due(deployment, ['over']);
      const first = scripted(deployment.sound, () => waitFor(600));
      await deliver(deployment, deployment.queue.ready(), first.ports);
      deployment.nextMinute();
      await deployment.enqueue('notion', ids);
      const next = scripted(deployment.sound, () => OK);
      await deliver(deployment, deployment.queue.ready(), next.ports);
      expect(next.asked).toEqual([]);
      expect(waiting(deployment)).toEqual([ids, ids]);
    }));
});

test('what is delivered twice takes nothing from the budget', () =>
  play(async (deployment) => {
    await due(deployment, ['ada', 'jo']);
    const messages = deployment.queue.ready();
    const once = granting(10, deployment.sound);
    await deliver(deployment, messages, scripted(once.ports, () => OK).ports);
    const twice = granting(10, deployment.sound);
    const { asked, ports } = scripted(twice.ports, () => OK);
    expect(await deliver(deployment, messages, ports)).toEqual(new Set());
    expect([once.asked, twice.asked, asked]).toEqual([[2], [], []]);
  }));

test('a check that takes two calls takes two from the budget', () =>
  play(async (deployment) => {
    const names = Array.from({ length: 50 }, (_, index) => `one-${index}`);
    const ids = await Promise.all(names.map((name) => deployment.connected('trello', name)));
    deployment.nextMinute();
    await deployment.enqueue('trello', ids);
    const { ports } = scripted(deployment.sound, () => OK);
    await deliver(deployment, deployment.queue.ready(), ports);
    const one = { checks: 1_000, tokensPerCheck: 1, isUrgent: false };
    const { granted } = await deployment.sound.takeTokens('trello', one, new Date(0));
    expect(granted).toBeLessThan(50);
  }));

describe('what an engine reports', () => {
  test('is checked at once, also while its provider is left alone', () =>
    play(async (deployment) => {
      const connectionId = await deployment.connected('notion', 'ada');
      await deployment.sound.startCooldown('notion', 3600, deployment.now());
      await reportFailure({ projectId: PROJECT, connectionId }, deployment.sound);
      const { asked, ports } = scripted(deployment.sound, () => OK);
      await deliver(deployment, deployment.queue.ready(), ports);
      expect([asked, waiting(deployment)]).toEqual([['ada'], []]);
    }));

  test('goes first once: told to wait, it waits as others do', () =>
    play(async (deployment) => {
      const connectionId = await deployment.connected('notion', 'ada');
      await reportFailure({ projectId: PROJECT, connectionId }, deployment.sound);
      const first = scripted(deployment.sound, () => waitFor(30));
      await deliver(deployment, deployment.queue.ready(), first.ports);
      await deployment.sound.startCooldown('notion', 3600, deployment.now());
      deployment.queue.awaitNext();
      const next = scripted(deployment.sound, () => OK);
      await deliver(deployment, deployment.queue.ready(), next.ports);
      expect([next.asked, waiting(deployment)]).toEqual([[], [[connectionId]]]);
    }));
});

describe('a check that fails for a fault of ours', () => {
  test('holds up no other of its batch, and is given up by itself', () =>
    play(async (deployment) => {
      const { ids, scheduledFor } = await due(deployment, ['broken', 'ada', 'late']);
      const [broken = '', ada = '', late = ''] = ids;
      const sound = scripted(granting(2, withoutSecretOf(broken, deployment.sound)).ports, () => OK);
      expect(await deliver(deployment, deployment.queue.ready(), sound.ports)).toEqual(new Set());
      expect(await deployment.lastCheck(ada)).toMatchObject({ scheduledFor });
      expect(waiting(deployment).toSorted()).toEqual([[broken], [late]].toSorted());
      // What fails as a whole is left to the queue, which counts, and makes no message.
      deployment.advance(60);
      for (let tries = 1; tries <= 2; tries += 1) {
        const messages = deployment.queue.ready();
        await deliver(deployment, messages, sound.ports);
        expect(waiting(deployment)).toEqual([[broken]]);
      }
      expect(sound.asked).toEqual(['ada', 'late']);
    }));
});
