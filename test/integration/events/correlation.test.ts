import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerOf } from '../../fixtures/answer.ts';
import { eventsIn } from '../../fixtures/bus.ts';
import { TestHouse } from '../../fixtures/house.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await TestHouse.open();
});
afterAll(() => house.close());

/** The correlation ids of what reached the bus of a connection, oldest first, by type. */
async function correlationsOf(
  connectionId: string,
): Promise<readonly (readonly [string, string | undefined])[]> {
  await house.house.whenIdle();
  const { json } = await answerOf(await fetch(`${house.house.session.apiUrl}/local/events`));
  return eventsIn(json.items)
    .filter(({ detail }) => detail.connectionId === connectionId)
    .map(({ detail: { type, correlationId } }) => [type, correlationId]);
}

describe('an event', () => {
  test('names the request that brought it about', async () => {
    const project = await house.project();
    const { id } = await project.connect();
    const renamed = await project.ask('PATCH', `/connections/${id}`, { body: { name: 'Renamed' } });
    const requestId = renamed.headers.get('apigw-requestid');
    expect((await correlationsOf(id)).at(-1)).toEqual(['renamed', requestId]);
  });

  test("names the engine's report that led to the check", async () => {
    const project = await house.project();
    const { id, acceptance } = await project.connect();
    await house.sandbox.revoke(acceptance);
    const path = `/v1/runtime/projects/${project.id}/connections/${id}/failures`;
    const reported = await house.engine('POST', path, { status: 401 });
    const requestId = reported.headers.get('apigw-requestid');
    expect((await correlationsOf(id)).at(-1)).toEqual(['status_changed', requestId]);
  });

  test('names the run of the scheduler that led to the check', async () => {
    const project = await house.project();
    const { id, acceptance } = await project.connect();
    await house.sandbox.revoke(acceptance);
    const runId = await house.schedule('enqueue-due-checks', (await project.get(id)).nextCheckAt);
    expect(runId).toEqual(expect.any(String));
    expect((await correlationsOf(id)).at(-1)).toEqual(['status_changed', runId]);
  });
});
