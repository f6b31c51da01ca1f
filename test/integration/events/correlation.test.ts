import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestBackend } from '../../harness/backend.ts';
import { parseEvents } from '../../harness/event-bus.ts';
import { readResponse } from '../../harness/response.ts';

let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.open();
});
afterAll(() => backend.close());

/** The correlation ids of what reached the bus of a connection, oldest first, by type. */
async function correlationsOf(
  connectionId: string,
): Promise<readonly (readonly [string, string | undefined])[]> {
  await backend.whenIdle();
  const { json } = await readResponse(await fetch(`${backend.session.apiUrl}/local/events`));
  return parseEvents(json.items)
    .filter(({ detail }) => detail.connectionId === connectionId)
    .map(({ detail: { type, correlationId } }) => [type, correlationId]);
}

describe('an event', () => {
  test('names the request that brought it about', async () => {
    const project = await backend.createProject();
    const { id } = await project.connect();
    const renamed = await project.request('PATCH', `/connections/${id}`, { body: { name: 'Renamed' } });
    const requestId = renamed.headers.get('apigw-requestid');
    expect((await correlationsOf(id)).at(-1)).toEqual(['renamed', requestId]);
  });

  test("names the engine's report that led to the check", async () => {
    const project = await backend.createProject();
    const { id, acceptedId } = await project.connect();
    await backend.sandbox.revoke(acceptedId);
    const path = `/v1/runtime/projects/${project.id}/connections/${id}/failures`;
    const reported = await backend.engineRequest('POST', path, { status: 401 });
    const requestId = reported.headers.get('apigw-requestid');
    expect((await correlationsOf(id)).at(-1)).toEqual(['status_changed', requestId]);
  });

  test('names the run of the scheduler that led to the check', async () => {
    const project = await backend.createProject();
    const { id, acceptedId } = await project.connect();
    await backend.sandbox.revoke(acceptedId);
    const runId = await backend.runSchedule('enqueue-due-checks', (await project.get(id)).nextCheckAt);
    expect(runId).toEqual(expect.any(String));
    expect((await correlationsOf(id)).at(-1)).toEqual(['status_changed', runId]);
  });
});
