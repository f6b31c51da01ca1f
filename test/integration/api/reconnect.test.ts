import { afterAll, describe, expect, test } from 'vitest';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import { USERS } from '../../../local/users.ts';
import { type Project, TestBackend } from '../../harness/backend.ts';
import { errorPaths, parseConnection } from '../../harness/views.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

function reconnect(project: Project, id: string, body: Readonly<Record<string, unknown>>) {
  return project.request('POST', `/connections/${id}/reconnect`, { body });
}

const administrator = { type: 'user', id: USERS.administrator.id };

/** Connects a provider, with checks of what a failed reconnect must not change. */
async function connectWithChecks(provider: string) {
  const project = await backend.createProject();
  const connection = await project.connect({ provider });
  return {
    project,
    connection,
    /** Expects the same connection, and a history entry of the failure. */
    async expectUnchanged(reason: string) {
      expect(await project.get(connection.id)).toEqual(connection.view);
      expect((await project.history(connection.id)).items[0]).toMatchObject({
        type: 'reconnect_failed',
        actor: administrator,
        reason,
      });
    },
    /** Expects that the stored credentials are still accepted. */
    async expectWorking() {
      const { json } = await project.request('POST', `/connections/${connection.id}/check`);
      expect(json).toMatchObject({ check: { outcome: 'ok' }, connection: { version: 1, status: 'active' } });
    },
  };
}

describe('a reconnect', () => {
  test('replaces the credentials, and changes nothing else', async () => {
    const project = await backend.createProject();
    const account = { id: 'acc-1', label: 'Jo' };
    const made = await project.connect({ name: 'Mine', account });
    await project.link(await project.createFlow(), 'step', made);
    const before = await project.get(made.id);
    const { credentials } = await backend.sandbox.accept('trello', { account });
    const response = await reconnect(project, made.id, { credentials });
    const after = parseConnection(response);
    expect(response.status).toBe(200);
    const { reconnectedAt, lastCheckedAt, updatedAt } = after;
    expect(after).toEqual({ ...before, version: 3, reconnectedAt, lastCheckedAt, updatedAt });
    expect(reconnectedAt).toBe(updatedAt);
    expect(Date.parse(reconnectedAt ?? '')).toBeGreaterThan(Date.parse(before.connectedAt));
    expect(await project.get(made.id)).toEqual(after);
    await backend.sandbox.revoke(made.acceptedId);
    const { json } = await project.request('POST', `/connections/${made.id}/check`);
    expect(json).toMatchObject({ check: { outcome: 'ok' } });
    expect((await project.history(made.id)).items[0]).toMatchObject({
      type: 'reconnected',
      actor: administrator,
    });
  });

  test('activates an inactive connection, and unblocks its flow', async () => {
    const project = await backend.createProject();
    const made = await project.connect();
    await project.revokeAndCheck(made);
    expect((await project.flows()).items).toMatchObject([{ id: made.flowId, blocked: true }]);
    const { account } = made.view;
    const { credentials } = await backend.sandbox.accept('trello', account ? { account } : {});
    const { statusSince } = await project.get(made.id);
    const after = parseConnection(await reconnect(project, made.id, { credentials }));
    expect(after).toMatchObject({ status: 'active', statusReason: null, version: 3 });
    expect(Date.parse(after.statusSince)).toBeGreaterThan(Date.parse(statusSince));
    expect(await project.list()).toMatchObject({ counts: { all: 1, active: 1, inactive: 0 } });
    expect((await project.list({ status: 'inactive' })).items).toEqual([]);
    expect((await project.flows()).items).toMatchObject([{ id: made.flowId, blocked: false }]);
    expect((await project.history(made.id)).items.slice(0, 2)).toMatchObject([
      { type: 'reconnected' },
      { type: 'status_changed', from: { status: 'inactive' }, to: { status: 'active' } },
    ]);
  });

  test('stores the end of the new credentials', async () => {
    const project = await backend.createProject();
    const { id, view } = await project.connect();
    expect([view.expiresAt, view.expiresSoon]).toEqual([null, false]);
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const account = view.account ?? { id: '', label: '' };
    const { credentials } = await backend.sandbox.accept('trello', { account, expiresAt });
    const after = parseConnection(await reconnect(project, id, { credentials }));
    expect([after.expiresAt, after.expiresSoon]).toEqual([expiresAt, true]);
    expect((await project.list({ expiring: 'true' })).items).toEqual([after]);
  });

  test('with an end in the past is refused', async () => {
    const { project, connection, expectWorking } = await connectWithChecks('trello');
    const account = connection.view.account ?? { id: '', label: '' };
    const { credentials } = await backend.sandbox.accept('trello', { account });
    const at = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
    const response = await reconnect(project, connection.id, { credentials, expiresAt: at(-1) });
    expect([response.status, errorPaths(response)]).toEqual([400, ['expiresAt']]);
    expect(await project.get(connection.id)).toEqual(connection.view);
    await expectWorking();
    const expiresAt = at(3600);
    expect((await reconnect(project, connection.id, { credentials, expiresAt })).json).toMatchObject({
      expiresAt,
      expiresSoon: true,
    });
  });

  test('with missing, unknown or malformed fields is refused, with all issues together', async () => {
    const { project, connection } = await connectWithChecks('trello');
    const cases: readonly (readonly [body: Record<string, unknown>, paths: readonly string[]])[] = [
      [{}, ['credentials']],
      [{ credentials: {} }, ['credentials.apiKey', 'credentials.token']],
      [{ credentials: { apiKey: 'a', token: '' } }, ['credentials.token']],
      [
        { credentials: { apiKey: 'not a key', tokens: 'b' } },
        ['credentials.apiKey', 'credentials.token', 'credentials.tokens'],
      ],
      [{ credentials: { ...connection.credentials, extra: 'x' } }, ['credentials.extra']],
      [{ credentials: { apiKey: 1, token: null } }, ['credentials.apiKey', 'credentials.token']],
      [
        { credentials: 'a', allowAccountChange: 'yes', force: true },
        ['allowAccountChange', 'credentials', 'force'],
      ],
      [
        { credentials: { apiKey: 'a\nb', token: 'x'.repeat(16_385) } },
        ['credentials.apiKey', 'credentials.token'],
      ],
    ];
    for (const [body, paths] of cases) {
      const response = await reconnect(project, connection.id, body);
      expect.soft(errorPaths(response), JSON.stringify(body).slice(0, 200)).toEqual(paths);
    }
    expect(await project.get(connection.id)).toEqual(connection.view);
    expect((await project.history(connection.id)).items).toHaveLength(2);
  });

  test('that the provider rejects is refused with its reason, and the old credentials keep serving', async () => {
    const { project, connection, expectUnchanged, expectWorking } = await connectWithChecks('trello');
    const refused = await reconnect(project, connection.id, {
      credentials: sampleCredentials('trello', 'unknown'),
    });
    expect([refused.status, refused.json]).toEqual([
      422,
      expect.objectContaining({
        code: 'credentials_rejected',
        statusReason: { code: 'access_revoked', message: expect.any(String) },
      }),
    ]);
    await expectUnchanged('access_revoked');
    const { credentials } = await backend.sandbox.accept('trello', { expiresAt: '2020-01-01T00:00:00.000Z' });
    const expired = await reconnect(project, connection.id, { credentials });
    expect(expired.json).toMatchObject({ status: 422, statusReason: { code: 'credentials_expired' } });
    await expectUnchanged('credentials_expired');
    await expectWorking();
  });

  test('with another account needs permission, and the refusal names both accounts', async () => {
    const project = await backend.createProject();
    const { id, view } = await project.connect({ account: { id: 'one', label: 'Board of One' } });
    const { credentials } = await backend.sandbox.accept('trello', {
      account: { id: 'two', label: 'Board of Two' },
    });
    for (const body of [{ credentials }, { credentials, allowAccountChange: false }]) {
      const response = await reconnect(project, id, body);
      expect([response.status, response.json]).toEqual([
        409,
        expect.objectContaining({
          code: 'account_mismatch',
          accounts: { current: 'Board of One', candidate: 'Board of Two' },
        }),
      ]);
      expect(await project.get(id)).toEqual(view);
      expect((await project.history(id)).items[0]).toMatchObject({
        type: 'reconnect_failed',
        reason: 'account_mismatch',
      });
    }
    const allowed = parseConnection(await reconnect(project, id, { credentials, allowAccountChange: true }));
    expect(allowed.account).toEqual({ id: 'two', label: 'Board of Two' });
    expect(allowed.name).toBe(view.name);
    expect((await project.history(id)).items[0]).toMatchObject({
      type: 'reconnected',
      from: { account: 'Board of One' },
      to: { account: 'Board of Two' },
    });
  });

  test('with a new label of the same account stores the label', async () => {
    const project = await backend.createProject();
    const { id } = await project.connect({ account: { id: 'same', label: 'Before' } });
    const { credentials } = await backend.sandbox.accept('trello', {
      account: { id: 'same', label: 'After' },
    });
    const after = parseConnection(await reconnect(project, id, { credentials }));
    expect(after.account).toEqual({ id: 'same', label: 'After' });
  });
});

describe.concurrent('a reconnect at a failing or slow provider', () => {
  test.for([
    ['down', 'airtable', 60],
    ['hang', 'notion', 60],
    ['rate_limited', 'asana', 30],
    ['garbage', 'linear', 60],
    ['redirect', 'stripe', 60],
  ] as const)(
    'with the fault %s returns Retry-After, and changes nothing',
    async ([mode, provider, wait], { expect }) => {
      const { project, connection, expectUnchanged, expectWorking } = await connectWithChecks(provider);
      await backend.sandbox.setFault(provider, mode);
      const { credentials } = await backend.sandbox.accept(provider);
      const started = Date.now();
      const response = await reconnect(project, connection.id, { credentials });
      expect([response.status, response.json.code]).toEqual([503, 'provider_unavailable']);
      expect(response.headers.get('retry-after')).toBe(String(wait));
      expect(Date.now() - started).toBeLessThan(9_000);
      await expectUnchanged('provider_unavailable');
      await backend.sandbox.setFault(provider, 'none');
      await expectWorking();
      expect(
        (await reconnect(project, connection.id, { credentials, allowAccountChange: true })).status,
      ).toBe(200);
    },
  );

  test('with a 403 is refused', async ({ expect }) => {
    const { project, connection, expectUnchanged, expectWorking } = await connectWithChecks('monday');
    await backend.sandbox.setFault('monday', 'forbidden');
    const { credentials } = await backend.sandbox.accept('monday');
    const response = await reconnect(project, connection.id, { credentials });
    expect(response.json).toMatchObject({ status: 422, statusReason: { code: 'access_changed' } });
    await expectUnchanged('access_changed');
    await backend.sandbox.setFault('monday', 'none');
    await expectWorking();
  });

  test('excludes others, which get Retry-After', async ({ expect }) => {
    const { project, connection } = await connectWithChecks('clickup');
    await backend.sandbox.setFault('clickup', 'slow');
    const { credentials } = await backend.sandbox.accept('clickup');
    const body = { credentials, allowAccountChange: true };
    const responses = await Promise.all([1, 2, 3].map(() => reconnect(project, connection.id, body)));
    const codes = responses.map(({ status, json }) => `${status} ${json.code ?? ''}`.trim()).toSorted();
    expect(codes).toEqual(['200', '409 reconnect_in_progress', '409 reconnect_in_progress']);
    const waits = responses.flatMap(({ headers }) => headers.get('retry-after') ?? []).map(Number);
    // The lease lasts 60 s.
    expect(waits).toEqual([expect.closeTo(60, -1), expect.closeTo(60, -1)]);
    expect(await project.get(connection.id)).toMatchObject({ version: 2, status: 'active' });
  });

  test('allows a rename meanwhile, and keeps both', async ({ expect }) => {
    const { project, connection } = await connectWithChecks('calcom');
    await backend.sandbox.setFault('calcom', 'slow');
    const { credentials } = await backend.sandbox.accept('calcom');
    const running = reconnect(project, connection.id, { credentials, allowAccountChange: true });
    const renamed = await project.request('PATCH', `/connections/${connection.id}`, {
      body: { name: 'Meanwhile' },
    });
    expect(renamed.status).toBe(200);
    expect(parseConnection(await running)).toMatchObject({ name: 'Meanwhile', version: 3 });
  });

  test('fails when the connection is disconnected meanwhile', async ({ expect }) => {
    const { project, connection } = await connectWithChecks('brevo');
    await backend.sandbox.setFault('brevo', 'slow');
    const { credentials } = await backend.sandbox.accept('brevo');
    const running = reconnect(project, connection.id, { credentials, allowAccountChange: true });
    expect((await project.unlink(connection.flowId, connection.stepId)).status).toBe(204);
    expect((await running).json).toMatchObject({ code: 'connection_not_found' });
    expect((await project.list()).counts).toEqual({ all: 0, active: 0, inactive: 0 });
  });
});
