import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Project, TestBackend } from '../../harness/backend.ts';

let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.open();
});
afterAll(() => backend.close());

const DAY_MS = 24 * 3_600_000;

/** Returns the time as many days before another. */
const daysBefore = (time: string, days: number) =>
  new Date(new Date(time).getTime() - days * DAY_MS).toISOString();

const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

/** Returns the history entries of announced expiries. */
async function announcements(project: Project, id: string) {
  const { items } = await project.history(id);
  return items.filter(({ type }) => type === 'expiring');
}

describe('the expiry of credentials', () => {
  test('comes from the provider, or from the user who enters them', async () => {
    const project = await backend.createProject();
    const expiry = inDays(30);
    const byProvider = await backend.sandbox.accept('gitlab', { expiresAt: expiry });
    const flowId = await project.createFlow();
    const put = (stepId: string, body: object) =>
      project.request('PUT', `/flows/${flowId}/integrations/${stepId}`, { body });
    const gitlab = await put('a', { provider: 'gitlab', credentials: byProvider.credentials });
    expect(String(gitlab.json.expiresAt).slice(0, 10)).toBe(expiry.slice(0, 10));

    const { credentials } = await backend.sandbox.accept('notion');
    const notion = await put('b', { provider: 'notion', credentials, expiresAt: expiry });
    expect(notion.json).toMatchObject({ expiresAt: expiry, expiresSoon: false });
    const past = await put('c', { provider: 'notion', credentials, expiresAt: inDays(-1) });
    expect(past).toMatchObject({ status: 400, json: { errors: [{ path: 'expiresAt' }] } });
  });

  test('is announced 14, 7 and 1 days ahead, each once, and deactivates the connection', async () => {
    const project = await backend.createProject();
    const expiresAt = inDays(20);
    const { id, flowId } = await project.connect({ provider: 'notion', enteredExpiresAt: expiresAt });
    const soon = async () => (await project.list({ expiring: 'true' })).items.map((item) => item.id);
    expect(await soon()).toEqual([]);
    for (const [days, count] of [
      [15, 0],
      [14, 1],
      [10, 1],
      [7, 2],
      [1, 3],
    ] as const) {
      await backend.runSchedule('announce-expiry', daysBefore(expiresAt, days));
      await backend.runSchedule('announce-expiry', daysBefore(expiresAt, days));
      expect(await announcements(project, id)).toHaveLength(count);
    }
    expect(await soon()).toEqual([id]);
    await backend.runSchedule('announce-expiry', expiresAt);
    expect(await project.get(id)).toMatchObject({
      status: 'inactive',
      statusReason: { code: 'credentials_expired' },
    });
    expect(await soon()).toEqual([]);
    const flows = await project.flows({ connectionId: id });
    expect(flows.items).toMatchObject([{ id: flowId, blocked: true }]);
  });

  test('is announced once after several missed reminders', async () => {
    const project = await backend.createProject();
    const expiresAt = inDays(40);
    const { id } = await project.connect({ provider: 'notion', enteredExpiresAt: expiresAt });
    await backend.runSchedule('announce-expiry', daysBefore(expiresAt, 5));
    await backend.runSchedule('announce-expiry', daysBefore(expiresAt, 4));
    expect(await announcements(project, id)).toHaveLength(1);
  });

  test('is that of the new credentials after a reconnect', async () => {
    const project = await backend.createProject();
    const first = inDays(60);
    const { id } = await project.connect({ provider: 'notion', enteredExpiresAt: first });
    await backend.runSchedule('announce-expiry', daysBefore(first, 14));
    const { credentials } = await backend.sandbox.accept('notion');
    const body = { credentials, expiresAt: inDays(300), allowAccountChange: true };
    await project.request('POST', `/connections/${id}/reconnect`, { body });
    expect(await project.list({ expiring: 'true' })).toMatchObject({ items: [] });
    await backend.runSchedule('announce-expiry', first);
    expect(await project.get(id)).toMatchObject({ status: 'active', expiresAt: body.expiresAt });
    expect(await announcements(project, id)).toHaveLength(1);
  });

  test('is announced again when an inactive connection works again before it', async () => {
    const project = await backend.createProject();
    const expiresAt = inDays(20);
    const { id } = await project.connect({ provider: 'notion', enteredExpiresAt: expiresAt });
    await backend.runSchedule('announce-expiry', expiresAt);
    const ended = await project.get(id);
    expect(ended.status).toBe('inactive');
    // The check runs at the real time, which is before the expiry.
    expect((await project.request('POST', `/connections/${id}/check`)).json).toMatchObject({
      connection: { status: 'active', expiresAt, version: ended.version + 1 },
    });
    expect((await project.list({ expiring: 'true' })).items).toEqual([]);
    await backend.runSchedule('announce-expiry', daysBefore(expiresAt, 14));
    expect((await project.list({ expiring: 'true' })).items).toHaveLength(1);
    expect(await announcements(project, id)).toHaveLength(1);
  });
});
