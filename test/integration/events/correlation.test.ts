import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestBackend } from '../../harness/backend.ts';
import { parseEvents } from '../../harness/event-bus.ts';
import { readResponse } from '../../harness/response.ts';

let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.open();
});
afterAll(() => backend.close());

/** Returns type and correlation id of a connection's newest event. */
async function newestEvent(connectionId: string): Promise<readonly (string | undefined)[]> {
  await backend.whenIdle();
  const { json } = await readResponse(await fetch(`${backend.session.apiUrl}/local/events`));
  const events = parseEvents(json.items).filter(({ detail }) => detail.connectionId === connectionId);
  const { type, correlationId } = events.at(-1)?.detail ?? {};
  return [type, correlationId];
}

describe('the correlation id of an event', () => {
  test('is the id of the request that caused it', async () => {
    const project = await backend.createProject();
    const { id } = await project.connect();
    const renamed = await project.request('PATCH', `/connections/${id}`, { body: { name: 'Renamed' } });
    expect(await newestEvent(id)).toEqual(['renamed', renamed.headers.get('apigw-requestid')]);
  });

  test("is the id of the engine's report that caused the check", async () => {
    const project = await backend.createProject();
    const { id, acceptedId } = await project.connect();
    await backend.sandbox.revoke(acceptedId);
    const path = `/v1/runtime/projects/${project.id}/connections/${id}/failures`;
    const reported = await backend.engineRequest('POST', path, { status: 401 });
    expect(await newestEvent(id)).toEqual(['status_changed', reported.headers.get('apigw-requestid')]);
  });

  test("is the id of the scheduler's run that caused the check", async () => {
    const project = await backend.createProject();
    const { id, acceptedId } = await project.connect();
    await backend.sandbox.revoke(acceptedId);
    const runId = await backend.runSchedule('enqueue-due-checks', (await project.get(id)).nextCheckAt);
    expect(runId).toEqual(expect.any(String));
    expect(await newestEvent(id)).toEqual(['status_changed', runId]);
  });
});
