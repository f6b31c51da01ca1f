import { expect, test } from 'vitest';
import { checkConnection } from '../../../shared/domain/connections/check.ts';
import type { Verification } from '../../../shared/domain/credentials/verification.ts';
import { PROJECT, person } from '../protocols/world.ts';
import { Deployment } from './deployment.ts';
import { runWorker } from './functions.ts';
import { DOWN, OK, scripted, waitFor } from './script.ts';
import { Surroundings } from './surroundings.ts';

const play = <T>(scene: (deployment: Deployment) => Promise<T>) =>
  Surroundings.during((surroundings) => Deployment.play(surroundings, scene));

/** Works off all that can be delivered now, with a provider that gives one answer. */
async function work(deployment: Deployment, answer: Verification): Promise<void> {
  const { ports } = scripted(deployment.sound, () => answer);
  const messages = deployment.queue.ready();
  expect(await runWorker(messages, ports)).toEqual(new Set());
  for (const message of messages) deployment.queue.delete(message);
}

test('a check that is told to wait is shown, and is still to be made', () =>
  play(async (deployment) => {
    const id = await deployment.connected('notion', 'ada');
    deployment.nextMinute();
    const first = await deployment.enqueue('notion', [id]);
    await work(deployment, OK);
    const answered = await deployment.lastCheck(id);
    deployment.nextMinute();
    const scheduledFor = await deployment.enqueue('notion', [id]);
    await work(deployment, waitFor(30));
    expect(await deployment.lastCheck(id)).toMatchObject({
      outcome: 'rate_limited',
      scheduledFor: first,
      answeredAt: answered?.at,
    });
    deployment.queue.awaitNext();
    await work(deployment, OK);
    expect(await deployment.lastCheck(id)).toMatchObject({ outcome: 'ok', scheduledFor, retryAt: undefined });
  }));

test('a person who is told to wait does not take the place of the schedule', () =>
  play(async (deployment) => {
    const id = await deployment.connected('notion', 'ada');
    deployment.nextMinute();
    const scheduledFor = await deployment.enqueue('notion', [id]);
    const { ports } = scripted(deployment.sound, () => waitFor(1));
    await checkConnection({ projectId: PROJECT, connectionId: id, actor: person('ada') }, ports);
    expect(await deployment.lastCheck(id)).toMatchObject({
      outcome: 'rate_limited',
      scheduledFor: undefined,
    });
    deployment.advance(2);
    await work(deployment, OK);
    expect(await deployment.lastCheck(id)).toMatchObject({ outcome: 'ok', scheduledFor });
  }));

test('a check that says nothing leaves the time of the last that did, whatever else is new', () =>
  play(async (deployment) => {
    // It was made when the provider was checked more often.
    const id = await deployment.connected('airtable', 'ada');
    const before = await deployment.sound.findConnection(PROJECT, id);
    deployment.nextMinute();
    await deployment.enqueue('airtable', [id]);
    await work(deployment, DOWN);
    const after = await deployment.sound.findConnection(PROJECT, id);
    expect([before?.cadence, after?.cadence]).toEqual(['hour', 'day']);
    expect(after?.connection.lastCheckedAt).toBe(before?.connection.lastCheckedAt);
  }));
