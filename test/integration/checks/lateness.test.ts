import { expect, test } from 'vitest';
import { checkBatch } from '../../../shared/domain/checks/check-batch.ts';
import { PROJECT } from '../protocols/world.ts';
import { Deployment } from './deployment.ts';
import { Surroundings } from './surroundings.ts';

const play = <T>(scene: (deployment: Deployment) => Promise<T>) =>
  Surroundings.during((surroundings) => Deployment.play(surroundings, scene));

test('a batch tells how late it is taken up, put off or not, until the next turn has one of its own', async () => {
  const reports = await play(async (deployment) => {
    const connections = [{ projectId: PROJECT, connectionId: await deployment.connected('notion', 'ada') }];
    const scheduledFor = await deployment.untilDue();
    const batch = { scheduledFor, providerId: 'notion', correlationId: 'run', connections };
    deployment.advance(600);
    await deployment.sound.startCooldown('notion', 60, deployment.now());
    const putOff = await checkBatch(batch, deployment.sound);
    deployment.advance(60);
    const checked = await checkBatch(batch, deployment.sound);
    deployment.advance(3600);
    return { putOff, checked, superseded: await checkBatch(batch, deployment.sound) };
  });
  expect(reports).toMatchObject({
    putOff: { secondsLate: expect.closeTo(600, 0), outcomes: {}, postponed: 1 },
    checked: { secondsLate: expect.closeTo(660, 0), outcomes: { ok: 1 }, postponed: 0 },
    superseded: { secondsLate: 0, outcomes: {}, postponed: 0, superseded: 1 },
  });
});
