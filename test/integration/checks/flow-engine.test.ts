import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestBackend } from '../../harness/backend.ts';

let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.open();
});
afterAll(() => backend.close());

const path = (project: string, id: string, resource: 'credentials' | 'failures') =>
  `/v1/runtime/projects/${project}/connections/${id}/${resource}`;

describe('the flow engine', () => {
  test('gets the credentials of an active connection, after a reconnect the new ones', async () => {
    const project = await backend.createProject();
    const { id, credentials } = await project.connect({ provider: 'trello' });
    const first = await backend.engineRequest('POST', path(project.id, id, 'credentials'));
    expect(first.status).toBe(200);
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(first.json).toEqual({
      connectionId: id,
      provider: 'trello',
      authType: (await project.get(id)).authType,
      credentials,
      expiresAt: null,
      version: 1,
    });
    const next = await backend.sandbox.accept('trello');
    const body = { credentials: next.credentials, allowAccountChange: true };
    await project.request('POST', `/connections/${id}/reconnect`, { body });
    const second = await backend.engineRequest('POST', path(project.id, id, 'credentials'));
    expect(second.json).toMatchObject({ credentials: next.credentials, version: 2 });
  });

  test('gets no credentials of an inactive connection, but the reason', async () => {
    const project = await backend.createProject();
    const connected = await project.connect({ provider: 'trello' });
    await project.revokeAndCheck(connected);
    const response = await backend.engineRequest('POST', path(project.id, connected.id, 'credentials'));
    expect(response.status).toBe(409);
    expect(response.json).toMatchObject({
      code: 'connection_inactive',
      statusReason: { code: 'access_revoked' },
    });
    expect(response.text).not.toContain('sample-');
  });

  test('causes one check at once by reporting a failure several times', async () => {
    const project = await backend.createProject();
    const { id, acceptedId } = await project.connect({ provider: 'openai' });
    await backend.sandbox.revoke(acceptedId);
    const before = await backend.sandbox.requestCount('openai');
    const report = () => backend.engineRequest('POST', path(project.id, id, 'failures'), { status: 401 });
    const responses = await Promise.all([report(), report(), report()]);
    expect(responses.map(({ status }) => status)).toEqual([202, 202, 202]);
    await backend.whenIdle();
    expect(await project.get(id)).toMatchObject({ status: 'inactive' });
    // One check: the rejection, and the call that confirms it.
    expect(await backend.sandbox.requestCount('openai')).toBe(before + 2);
  });

  test('causes a check although a schedule ran for a later time', async () => {
    const project = await backend.createProject();
    const { id, acceptedId } = await project.connect({ provider: 'notion' });
    await backend.runSchedule('enqueue-due-checks', (await project.get(id)).nextCheckAt);
    await backend.sandbox.revoke(acceptedId);
    await backend.engineRequest('POST', path(project.id, id, 'failures'), { status: 401 });
    await backend.whenIdle();
    expect(await project.get(id)).toMatchObject({ status: 'inactive' });
  });

  test('changes no status by a report alone', async () => {
    const project = await backend.createProject();
    const { id } = await project.connect({ provider: 'anthropic' });
    await backend.engineRequest('POST', path(project.id, id, 'failures'), { status: 401, message: 'no' });
    await backend.whenIdle();
    expect(await project.get(id)).toMatchObject({ status: 'active', version: 1 });
  });

  test('finds no connection of another project', async () => {
    const [here, there] = [await backend.createProject(), await backend.createProject()];
    const { id } = await here.connect({ provider: 'trello' });
    for (const resource of ['credentials', 'failures'] as const) {
      const body = resource === 'failures' ? { status: 401 } : undefined;
      const response = await backend.engineRequest('POST', path(there.id, id, resource), body);
      expect(response).toMatchObject({ status: 404, json: { code: 'connection_not_found' } });
    }
  });
});
