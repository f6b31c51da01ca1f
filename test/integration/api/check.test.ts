import { afterAll, describe, expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { USERS } from '../../../local/users.ts';
import { type ConnectionView, checked } from '../../../shared/contract/http/schemas/connection.ts';
import { type Project, TestBackend } from '../../harness/backend.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

async function check(project: Project, id: string) {
  return z.parse(checked, (await project.request('POST', `/connections/${id}/check`)).json);
}

/** Returns a connection as lists show it. */
const summary = ({ lastCheck: _, ...rest }: ConnectionView) => rest;

const administrator = { type: 'user', id: USERS.administrator.id };

describe('a check', () => {
  test('that the provider accepts records the time, and is no new version', async () => {
    const project = await backend.createProject();
    const { id, view } = await project.connect();
    const { connection, check: done } = await check(project, id);
    expect(done).toEqual({ outcome: 'ok', at: connection.lastCheckedAt, durationMs: expect.any(Number) });
    expect(done.durationMs).toBeGreaterThanOrEqual(0);
    const { at } = done;
    expect(connection).toEqual({ ...view, lastCheckedAt: at, lastCheck: { outcome: 'ok', at } });
    expect(await project.get(id)).toEqual(connection);
    expect((await project.history(id)).items).toHaveLength(2);
  });

  test('that the provider rejects deactivates the connection once, with the reason', async () => {
    const project = await backend.createProject();
    const made = await project.connect();
    await backend.sandbox.revoke(made.acceptedId);
    const { connection, check: done } = await check(project, made.id);
    expect(done.outcome).toBe('rejected');
    expect(connection).toEqual({
      ...made.view,
      status: 'inactive',
      statusReason: { code: 'access_revoked', message: expect.any(String) },
      statusSince: done.at,
      lastCheckedAt: done.at,
      lastCheck: { outcome: 'rejected', at: done.at },
      updatedAt: done.at,
      version: 2,
    });
    const again = await check(project, made.id);
    expect(again.connection).toEqual({
      ...connection,
      lastCheckedAt: again.check.at,
      lastCheck: { outcome: 'rejected', at: again.check.at },
    });
    expect((await project.history(made.id)).items.slice(0, 2)).toMatchObject([
      {
        type: 'status_changed',
        actor: administrator,
        from: { status: 'active' },
        to: { status: 'inactive' },
        reason: 'access_revoked',
      },
      { type: 'linked' },
    ]);
    expect(await project.list()).toMatchObject({
      counts: { all: 1, active: 0, inactive: 1 },
      items: [{ id: made.id }],
    });
    expect((await project.list({ status: 'active' })).items).toEqual([]);
    expect((await project.list({ status: 'inactive' })).items).toEqual([summary(again.connection)]);
    expect((await project.flows()).items).toMatchObject([
      { blocked: true, integrations: [{ connectionStatus: 'inactive' }] },
    ]);
  });

  test('distinguishes expired credentials from revoked ones', async () => {
    const project = await backend.createProject();
    const made = await project.connect();
    const past = { credentials: made.credentials, expiresAt: '2020-01-01T00:00:00.000Z' };
    const { id: acceptance } = await backend.sandbox.accept('trello', past);
    const expired = await check(project, made.id);
    expect(expired.connection.statusReason?.code).toBe('credentials_expired');
    await backend.sandbox.revoke(acceptance);
    const revoked = await check(project, made.id);
    expect(revoked.connection).toMatchObject({ statusReason: { code: 'access_revoked' }, version: 3 });
    expect(revoked.connection.statusSince).toBe(expired.connection.statusSince);
  });

  test('of an inactive connection that works again activates it', async () => {
    const project = await backend.createProject();
    const made = await project.connect();
    await project.revokeAndCheck(made);
    const account = made.view.account ?? { id: '', label: '' };
    await backend.sandbox.accept('trello', { credentials: made.credentials, account });
    const { connection, check: done } = await check(project, made.id);
    expect(connection).toMatchObject({
      status: 'active',
      statusReason: null,
      statusSince: done.at,
      version: 3,
    });
    expect(connection.reconnectedAt).toBeNull();
    expect((await project.list()).counts).toEqual({ all: 1, active: 1, inactive: 0 });
    expect((await project.history(made.id)).items[0]).toMatchObject({
      type: 'status_changed',
      from: { status: 'inactive' },
      to: { status: 'active' },
    });
  });

  test('stores the end that the provider reports', async () => {
    const project = await backend.createProject();
    const made = await project.connect();
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    await backend.sandbox.accept('trello', { credentials: made.credentials, expiresAt });
    const { connection } = await check(project, made.id);
    expect(connection).toMatchObject({ expiresAt, expiresSoon: true });
    expect((await project.list({ expiring: 'true' })).items).toEqual([summary(connection)]);
  });
});

describe.concurrent('a check at a failing provider', () => {
  test('with a 403 deactivates the connection until it works again', async ({ expect }) => {
    const project = await backend.createProject();
    const { id } = await project.connect({ provider: 'hubspot' });
    await backend.sandbox.setFault('hubspot', 'forbidden');
    const { connection } = await check(project, id);
    expect(connection).toMatchObject({ status: 'inactive', statusReason: { code: 'access_changed' } });
    await backend.sandbox.setFault('hubspot', 'none');
    expect((await check(project, id)).connection.status).toBe('active');
  });

  test.for([
    ['down', 'airtable', 'unavailable'],
    ['hang', 'notion', 'unavailable'],
    ['garbage', 'linear', 'unavailable'],
    ['redirect', 'stripe', 'unavailable'],
    ['rate_limited', 'asana', 'rate_limited'],
  ] as const)('with the fault %s changes no status', async ([mode, provider, outcome], { expect }) => {
    const project = await backend.createProject();
    const working = await project.connect({ provider });
    const broken = await project.connect({ provider });
    await project.revokeAndCheck(broken);
    const before = [await project.get(working.id), await project.get(broken.id)].map(summary);
    await backend.sandbox.setFault(provider, mode);
    const checks = await Promise.all([working, broken].map(({ id }) => check(project, id)));
    expect(checks.map(({ check: { outcome: found } }) => found)).toEqual([outcome, outcome]);
    expect(checks.map(({ connection }) => summary(connection))).toEqual(before);
    expect(checks.map(({ connection: { lastCheck } }) => lastCheck)).toEqual(
      checks.map(({ check: { outcome: found, at } }) => ({ outcome: found, at })),
    );
    const after = [await project.get(working.id), await project.get(broken.id)];
    expect(after.map(summary)).toEqual(before);
    expect(after.map(({ lastCheck }) => lastCheck?.outcome)).toEqual([outcome, outcome]);
    expect((await project.history(working.id)).items[0]?.type).toBe('linked');
    if (mode === 'hang') expect(checks.every(({ check: { durationMs } }) => durationMs < 7_000)).toBe(true);
  });

  test('during a reconnect checks the new credentials', async ({ expect }) => {
    const project = await backend.createProject();
    const made = await project.connect({ provider: 'clickup' });
    const account = made.view.account ?? { id: '', label: '' };
    const { credentials } = await backend.sandbox.accept('clickup', { account });
    await backend.sandbox.revoke(made.acceptedId);
    await backend.sandbox.setFault('clickup', 'slow');
    const received = await backend.sandbox.requestCount('clickup');
    const running = check(project, made.id);
    await vi.waitFor(async () => expect(await backend.sandbox.requestCount('clickup')).toBe(received + 1));
    await backend.sandbox.setFault('clickup', 'none');
    const body = { credentials };
    expect((await project.request('POST', `/connections/${made.id}/reconnect`, { body })).status).toBe(200);
    expect(await running).toMatchObject({
      check: { outcome: 'ok' },
      connection: { status: 'active', version: 2 },
    });
    expect((await project.get(made.id)).status).toBe('active');
  });
});
