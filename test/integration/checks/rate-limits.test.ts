import { expect, test } from 'vitest';
import { checkConnection } from '../../../shared/domain/checks/check.ts';
import type { Verification } from '../../../shared/domain/credentials/verification.ts';
import { PROJECT, type SimulatedDeployment } from '../../harness/deployment.ts';
import { addConnection, userNamed } from '../../harness/operations.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';
import { deliver, enqueueCheck } from './deliveries.ts';
import { DOWN, OK, rateLimited, withScript } from './scripted-verifier.ts';

const inDeployment = simulatedDeployments();

/** Delivers every ready message, with a provider that gives one verdict. */
async function deliverWith(deployment: SimulatedDeployment, verification: Verification): Promise<void> {
  const { ports } = withScript(deployment.faultless, () => verification);
  expect(await deliver(deployment, deployment.queue.ready(), ports)).toEqual(new Set());
}

/** Enqueues the scheduled check of the next minute. */
async function enqueueNextCheck(
  deployment: SimulatedDeployment,
  providerId: string,
  id: string,
): Promise<string> {
  deployment.advance(60);
  return enqueueCheck(deployment, providerId, [id]);
}

test('a rate-limited check is shown as the last one, and is still due', () =>
  inDeployment(async (deployment) => {
    const { lastChecks } = deployment.faultless;
    const id = await addConnection(deployment, { user: 'ada', providerId: 'notion' });
    const first = await enqueueNextCheck(deployment, 'notion', id);
    await deliverWith(deployment, OK);
    const completed = await lastChecks.find(id);
    const scheduledFor = await enqueueNextCheck(deployment, 'notion', id);
    await deliverWith(deployment, rateLimited(30));
    expect(await lastChecks.find(id)).toMatchObject({
      outcome: 'rate_limited',
      scheduledFor: first,
      respondedAt: completed?.at,
    });
    deployment.queue.advanceToNext();
    await deliverWith(deployment, OK);
    expect(await lastChecks.find(id)).toMatchObject({ outcome: 'ok', scheduledFor, retryAt: undefined });
  }));

test('a rate-limited check on demand does not stand for the scheduled one', () =>
  inDeployment(async (deployment) => {
    const { lastChecks } = deployment.faultless;
    const connectionId = await addConnection(deployment, { user: 'ada', providerId: 'notion' });
    const scheduledFor = await enqueueNextCheck(deployment, 'notion', connectionId);
    const { ports } = withScript(deployment.faultless, () => rateLimited(1));
    await checkConnection({ projectId: PROJECT, connectionId, actor: userNamed('ada') }, ports);
    const shown = { outcome: 'rate_limited', scheduledFor: undefined };
    expect(await lastChecks.find(connectionId)).toMatchObject(shown);
    deployment.advance(2);
    await deliverWith(deployment, OK);
    expect(await lastChecks.find(connectionId)).toMatchObject({ outcome: 'ok', scheduledFor });
  }));

test('a check without a verdict keeps the time of the last verdict, also when it stores a new cadence', () =>
  inDeployment(async (deployment) => {
    // The harness stores the cadence `hour`; the catalog has `day` for this provider.
    const connectionId = await addConnection(deployment, { user: 'ada', providerId: 'airtable' });
    const find = () => deployment.faultless.connections.find({ projectId: PROJECT, connectionId });
    const before = await find();
    await enqueueNextCheck(deployment, 'airtable', connectionId);
    await deliverWith(deployment, DOWN);
    const after = await find();
    expect([before?.cadence, after?.cadence]).toEqual(['hour', 'day']);
    expect(after?.connection.lastCheckedAt).toBe(before?.connection.lastCheckedAt);
  }));
