import { expect, test } from 'vitest';
import { DAY_SECONDS } from '../../../shared/domain/operation-context.ts';
import { PROJECT, type SimulatedDeployment } from '../../harness/deployment.ts';
import { addOAuthConnection, GOOGLE, issue } from '../../harness/oauth-operations.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';

const inDeployment = simulatedDeployments();

/** Reports when a refresh token ends, and replaces it at each refresh. */
const PINTEREST = 'pinterest';

const GRANT_SECONDS = 10 * DAY_SECONDS;

/** Adds a connection whose refresh token ends after ten days, and refreshes it once its first reminder is due. */
async function refreshWhileReminderIsDue(deployment: SimulatedDeployment, providerId: string) {
  deployment.providers.setTokens(providerId, { refreshTokenSeconds: GRANT_SECONDS });
  const connectionId = await addOAuthConnection(deployment, { providerId });
  const find = () => deployment.faultless.connections.find({ projectId: PROJECT, connectionId });
  const before = await find();
  deployment.advance(4 * DAY_SECONDS);
  await issue(deployment.faultless, connectionId);
  return { before, after: await find() };
}

test('a refresh that keeps the refresh token keeps its end, and a reminder that is due', () =>
  inDeployment(async (deployment) => {
    const { before, after } = await refreshWhileReminderIsDue(deployment, GOOGLE);
    expect(before?.reminder).toMatchObject({ daysAhead: 7 });
    expect(after?.accessToken).not.toEqual(before?.accessToken);
    expect(after?.reminder).toEqual(before?.reminder);
    expect(after?.connection).toEqual(before?.connection);
  }));

test('a refresh that replaces the refresh token moves the end, and the reminder with it', () =>
  inDeployment(async (deployment) => {
    const { before, after } = await refreshWhileReminderIsDue(deployment, PINTEREST);
    const moved = (time = '', other = '') => (Date.parse(other) - Date.parse(time)) / 1000 / DAY_SECONDS;
    expect(moved(before?.connection.expiresAt ?? '', after?.connection.expiresAt ?? '')).toBeCloseTo(4, 1);
    expect(after?.reminder).toMatchObject({ daysAhead: 7 });
    expect(moved(before?.reminder?.at, after?.reminder?.at)).toBeCloseTo(4, 1);
  }));
