import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import { USERS } from '../../../local/users.ts';
import { type Project, TestBackend } from '../../harness/backend.ts';
import { errorPaths, parseConnection } from '../../harness/views.ts';

let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.open();
});
afterAll(() => backend.close());

function reconnect(project: Project, id: string, body: Readonly<Record<string, unknown>>) {
  return project.request('POST', `/connections/${id}/reconnect`, { body });
}

const administrator = { type: 'user', id: USERS.administrator.id };

/** A connection with everything that a failed reconnect must leave as it is. */
async function standing(provider: string) {
  const project = await backend.createProject();
  const connected = await project.connect({ provider });
  return {
    project,
    connected,
    /** The connection is the same, still works, and the history tells of the failure. */
    async stands(reason: string) {
      expect(await project.get(connected.id)).toEqual(connected.view);
      expect((await project.history(connected.id)).items[0]).toMatchObject({
        type: 'reconnect_failed',
        actor: administrator,
        reason,
      });
    },
    async works() {
      const { json } = await project.request('POST', `/connections/${connected.id}/check`);
      expect(json).toMatchObject({ check: { outcome: 'ok' }, connection: { version: 1, status: 'active' } });
    },
  };
}

describe('reconnecting', () => {
  test('replaces the credentials and nothing else of the connection', async () => {
    const project = await backend.createProject();
    const account = { id: 'acc-1', label: 'Jo' };
    const made = await project.connect({ name: 'Mine', account });
    await project.link(await project.createFlow(), 'step', made);
    const before = await project.get(made.id);
    const { credentials } = await backend.sandbox.accept('trello', { account });
    const answer = await reconnect(project, made.id, { credentials });
    const after = parseConnection(answer);
    expect(answer.status).toBe(200);
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

  test('turns an inactive connection active, and unblocks its flow', async () => {
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

  test('tells when the new credentials end', async () => {
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

  test('is refused where a field is missing, unknown or malformed, each told at once', async () => {
    const { project, connected } = await standing('trello');
    const cases: readonly (readonly [body: Record<string, unknown>, paths: readonly string[]])[] = [
      [{}, ['credentials']],
      [{ credentials: {} }, ['credentials.apiKey', 'credentials.token']],
      [{ credentials: { apiKey: 'a', token: '' } }, ['credentials.token']],
      [
        { credentials: { apiKey: 'not a key', tokens: 'b' } },
        ['credentials.apiKey', 'credentials.token', 'credentials.tokens'],
      ],
      [{ credentials: { ...connected.credentials, extra: 'x' } }, ['credentials.extra']],
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
      const answer = await reconnect(project, connected.id, body);
      expect.soft(errorPaths(answer), JSON.stringify(body).slice(0, 200)).toEqual(paths);
    }
    expect(await project.get(connected.id)).toEqual(connected.view);
    expect((await project.history(connected.id)).items).toHaveLength(2);
  });

  test('is refused with the reason of the provider, and the old credentials go on', async () => {
    const { project, connected, stands, works } = await standing('trello');
    const refused = await reconnect(project, connected.id, {
      credentials: sampleCredentials('trello', 'unknown'),
    });
    expect([refused.status, refused.json]).toEqual([
      422,
      expect.objectContaining({
        code: 'credentials_rejected',
        statusReason: { code: 'access_revoked', message: expect.any(String) },
      }),
    ]);
    await stands('access_revoked');
    const { credentials } = await backend.sandbox.accept('trello', { expiresAt: '2020-01-01T00:00:00.000Z' });
    const expired = await reconnect(project, connected.id, { credentials });
    expect(expired.json).toMatchObject({ status: 422, statusReason: { code: 'credentials_expired' } });
    await stands('credentials_expired');
    await works();
  });

  test('to another account asks first, and says whose they are', async () => {
    const project = await backend.createProject();
    const { id, view } = await project.connect({ account: { id: 'one', label: 'Board of One' } });
    const { credentials } = await backend.sandbox.accept('trello', {
      account: { id: 'two', label: 'Board of Two' },
    });
    for (const body of [{ credentials }, { credentials, allowAccountChange: false }]) {
      const answer = await reconnect(project, id, body);
      expect([answer.status, answer.json]).toEqual([
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

  test('with the same account under a new label takes the label over', async () => {
    const project = await backend.createProject();
    const { id } = await project.connect({ account: { id: 'same', label: 'Before' } });
    const { credentials } = await backend.sandbox.accept('trello', {
      account: { id: 'same', label: 'After' },
    });
    const after = parseConnection(await reconnect(project, id, { credentials }));
    expect(after.account).toEqual({ id: 'same', label: 'After' });
  });
});

describe.concurrent('reconnecting at a provider in trouble', () => {
  test.for([
    ['down', 'airtable', 60],
    ['hang', 'notion', 60],
    ['rate_limited', 'asana', 30],
    ['garbage', 'linear', 60],
    ['redirect', 'stripe', 60],
  ] as const)(
    'that is %s says when to try again, and leaves all as it was',
    async ([mode, provider, wait], { expect }) => {
      const { project, connected, stands, works } = await standing(provider);
      await backend.sandbox.setFault(provider, mode);
      const { credentials } = await backend.sandbox.accept(provider);
      const started = Date.now();
      const answer = await reconnect(project, connected.id, { credentials });
      expect([answer.status, answer.json.code]).toEqual([503, 'provider_unavailable']);
      expect(answer.headers.get('retry-after')).toBe(String(wait));
      expect(Date.now() - started).toBeLessThan(9_000);
      await stands('provider_unavailable');
      await backend.sandbox.setFault(provider, 'none');
      await works();
      expect((await reconnect(project, connected.id, { credentials, allowAccountChange: true })).status).toBe(
        200,
      );
    },
  );

  test('that allows too little is a refusal', async ({ expect }) => {
    const { project, connected, stands, works } = await standing('monday');
    await backend.sandbox.setFault('monday', 'forbidden');
    const { credentials } = await backend.sandbox.accept('monday');
    const answer = await reconnect(project, connected.id, { credentials });
    expect(answer.json).toMatchObject({ status: 422, statusReason: { code: 'access_changed' } });
    await stands('access_changed');
    await backend.sandbox.setFault('monday', 'none');
    await works();
  });

  test('lets one go on at a time', async ({ expect }) => {
    const { project, connected } = await standing('clickup');
    await backend.sandbox.setFault('clickup', 'slow');
    const { credentials } = await backend.sandbox.accept('clickup');
    const body = { credentials, allowAccountChange: true };
    const responses = await Promise.all([1, 2, 3].map(() => reconnect(project, connected.id, body)));
    const codes = responses.map(({ status, json }) => `${status} ${json.code ?? ''}`.trim()).toSorted();
    expect(codes).toEqual(['200', '409 reconnect_in_progress', '409 reconnect_in_progress']);
    expect(await project.get(connected.id)).toMatchObject({ version: 2, status: 'active' });
  });

  test('lets a rename through meanwhile, and keeps both', async ({ expect }) => {
    const { project, connected } = await standing('calcom');
    await backend.sandbox.setFault('calcom', 'slow');
    const { credentials } = await backend.sandbox.accept('calcom');
    const under = reconnect(project, connected.id, { credentials, allowAccountChange: true });
    const renamed = await project.request('PATCH', `/connections/${connected.id}`, {
      body: { name: 'Meanwhile' },
    });
    expect(renamed.status).toBe(200);
    expect(parseConnection(await under)).toMatchObject({ name: 'Meanwhile', version: 3 });
  });

  test('comes to nothing when the connection goes meanwhile', async ({ expect }) => {
    const { project, connected } = await standing('brevo');
    await backend.sandbox.setFault('brevo', 'slow');
    const { credentials } = await backend.sandbox.accept('brevo');
    const under = reconnect(project, connected.id, { credentials, allowAccountChange: true });
    expect((await project.unlink(connected.flowId, connected.stepId)).status).toBe(204);
    expect((await under).json).toMatchObject({ code: 'connection_not_found' });
    expect((await project.list()).counts).toEqual({ all: 0, active: 0, inactive: 0 });
  });
});
