import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Project, TestBackend } from '../../harness/backend.ts';

let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.open();
});
afterAll(() => backend.close());

const HOUR_MS = 3_600_000;

/** Runs the scheduler at the next slot of a connection. */
async function check(project: Project, id: string): Promise<void> {
  const { nextCheckAt } = await project.get(id);
  await backend.runSchedule('enqueue-due-checks', nextCheckAt);
}

describe('a scheduled check', () => {
  test('deactivates a revoked connection, and activates it when it works again', async () => {
    const project = await backend.createProject();
    const { id, acceptedId, credentials, view } = await project.connect({ provider: 'github' });
    await backend.sandbox.revoke(acceptedId);
    await check(project, id);
    expect(await project.get(id)).toMatchObject({
      status: 'inactive',
      statusReason: { code: 'access_revoked' },
      connectedAt: view.connectedAt,
    });
    await backend.sandbox.accept('github', { credentials });
    await check(project, id);
    expect(await project.get(id)).toMatchObject({ status: 'active', statusReason: null });
    const { items } = await project.history(id);
    expect(items.map(({ type, actor }) => [type, actor.type])).toEqual([
      ['status_changed', 'system'],
      ['status_changed', 'system'],
      ['linked', 'user'],
      ['created', 'user'],
    ]);
  });

  test.each([
    ['down', 'stripe'],
    ['garbage', 'slack'],
    ['redirect', 'zendesk'],
    ['rate_limited', 'mailchimp'],
  ] as const)('changes no status while the provider is %s', async (mode, provider) => {
    const project = await backend.createProject();
    const { id } = await project.connect({ provider });
    await check(project, id);
    const { nextCheckAt: _, lastCheck: __, ...before } = await project.get(id);
    await backend.sandbox.setFault(provider, mode);
    try {
      await check(project, id);
    } finally {
      await backend.sandbox.setFault(provider, 'none');
    }
    const { nextCheckAt: ___, lastCheck, ...after } = await project.get(id);
    expect(after).toEqual(before);
    expect(lastCheck?.outcome).toBe(mode === 'rate_limited' ? 'rate_limited' : 'unavailable');
  });

  test('that finds nothing new records its time and changes nothing else', async () => {
    const project = await backend.createProject();
    const { id, view } = await project.connect({ provider: 'notion' });
    await check(project, id);
    const after = await project.get(id);
    expect(after.version).toBe(1);
    expect(after.updatedAt).toBe(view.updatedAt);
    expect(String(after.lastCheckedAt) > String(view.lastCheckedAt)).toBe(true);
  });

  test('runs once per scheduled time, however often the scheduler runs', async () => {
    const project = await backend.createProject();
    const { id } = await project.connect({ provider: 'airtable' });
    const { nextCheckAt } = await project.get(id);
    const before = await backend.sandbox.requestCount('airtable');
    for (let runs = 0; runs < 3; runs += 1) await backend.runSchedule('enqueue-due-checks', nextCheckAt);
    expect(await backend.sandbox.requestCount('airtable')).toBe(before + 1);
  });

  test('that was missed is caught up', async () => {
    const project = await backend.createProject();
    const { id, view } = await project.connect({ provider: 'linear' });
    const late = new Date(new Date(String((await project.get(id)).nextCheckAt)).getTime() + 5 * HOUR_MS);
    await backend.runSchedule('enqueue-due-checks', late.toISOString());
    expect(String((await project.get(id)).lastCheckedAt) > String(view.lastCheckedAt)).toBe(true);
  });
});
