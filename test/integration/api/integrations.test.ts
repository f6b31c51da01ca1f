import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, describe, expect, test } from 'vitest';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import { USERS } from '../../../local/users.ts';
import { type Project, TestBackend } from '../../harness/backend.ts';
import { inParallel } from '../../harness/in-parallel.ts';
import { serviceAccountKey } from '../../harness/service-account-key.ts';
import { type ConnectionPage, errorPaths, parseConnection } from '../../harness/views.ts';

const backend = await TestBackend.open();
const secrets = new SecretsManagerClient({ endpoint: backend.session.secretsManagerUrl });
afterAll(() => {
  secrets.destroy();
  return backend.close();
});

const secretOf = (connectionId: string) => ({ SecretId: `${process.env.SECRETS_PREFIX}${connectionId}` });

function configure(project: Project, flowId: string, stepId: string, body: unknown) {
  return project.request('PUT', `/flows/${flowId}/integrations/${stepId}`, { body });
}

async function expectNothingCreated(project: Project) {
  const { items, counts } = await project.list();
  expect([items, counts.all]).toEqual([[], 0]);
  expect((await project.flows()).items).toMatchObject([{ integrations: [] }]);
}

describe('a new connection', () => {
  test('is complete, with its credentials in Secrets Manager', async () => {
    const project = await backend.createProject();
    const flowId = await project.createFlow();
    const account = { id: 'acc', label: 'Jo' };
    const { credentials } = await backend.sandbox.accept('trello', { account });
    const response = await configure(project, flowId, 'step', { provider: 'trello', credentials });
    expect(response.status).toBe(201);
    const made = parseConnection(response);
    const at = made.connectedAt;
    expect(made).toEqual({
      id: expect.stringMatching(/^con_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      projectId: project.id,
      provider: {
        id: 'trello',
        name: 'Trello',
        iconUrl: `${backend.session.apiUrl}/v1/providers/trello/icon.svg`,
      },
      name: 'Trello - Jo',
      authType: 'custom',
      status: 'active',
      statusReason: null,
      statusSince: at,
      account,
      flowCount: 1,
      connectedAt: at,
      reconnectedAt: null,
      lastCheckedAt: at,
      nextCheckAt: made.nextCheckAt,
      expiresAt: null,
      expiresSoon: false,
      createdBy: USERS.administrator.id,
      updatedAt: at,
      version: 1,
    });
    expect(await project.get(made.id)).toEqual(made);
    const { SecretString } = await secrets.send(new GetSecretValueCommand(secretOf(made.id)));
    expect(JSON.parse(SecretString ?? '')).toEqual(credentials);
  });

  test('has the given name, or the name of its provider and account', async () => {
    const project = await backend.createProject();
    expect((await project.connect({ name: ' Cafe\u0301 ' })).view.name).toBe('Café');
    expect((await project.connect({ provider: 'resend' })).view).toMatchObject({
      name: 'Resend',
      account: null,
    });
    const long = { id: 'x', label: '\u{1f600}'.repeat(90) };
    expect(
      [...(await project.connect({ account: long, provider: 'slack' })).view.name].length,
    ).toBeLessThanOrEqual(128);
  });

  test('can be created for every provider of the catalog', { timeout: 120_000 }, async () => {
    const project = await backend.createProject();
    const { json } = await backend.request('GET', '/v1/providers');
    const items = Array.isArray(json.items) ? json.items : [];
    expect(items.length).toBeGreaterThanOrEqual(40);
    await inParallel(items, 4, async ({ id: provider, auth }) => {
      const credentials = { ...sampleCredentials(provider), serviceAccountKey: serviceAccountKey('robot') };
      if (auth.type === 'oauth2') await project.authorize({ provider });
      else await project.connect({ provider, ...(auth.type === 'service_account' && { credentials }) });
    });
    const connected: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: ConnectionPage = await project.list({ limit: '100', ...(cursor && { cursor }) });
      connected.push(...page.items.map(({ provider }) => provider.id));
      cursor = page.nextCursor;
      expect(page.counts).toEqual({ all: items.length, active: items.length, inactive: 0 });
    }
    expect(connected.toSorted()).toEqual(items.map(({ id }) => id).toSorted());
  });

  test('is not created with credentials that the provider rejects', async () => {
    const project = await backend.createProject();
    const flowId = await project.createFlow();
    const refused = await configure(project, flowId, 'step', {
      provider: 'trello',
      credentials: sampleCredentials('trello', 'unknown'),
    });
    expect(refused.json).toMatchObject({
      status: 422,
      code: 'credentials_rejected',
      statusReason: { code: 'access_revoked' },
    });
    await expectNothingCreated(project);
  });

  test('is not created during an outage of its provider', async () => {
    const project = await backend.createProject();
    const flowId = await project.createFlow();
    await backend.sandbox.setFault('gitlab', 'down');
    const { credentials } = await backend.sandbox.accept('gitlab');
    const response = await configure(project, flowId, 'step', { provider: 'gitlab', credentials });
    expect(response.json).toMatchObject({ status: 503, code: 'provider_unavailable' });
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    await expectNothingCreated(project);
  });

  test('is not created from an invalid body, whose issues are reported together', async () => {
    const project = await backend.createProject();
    const flowId = await project.createFlow();
    const cases: readonly (readonly [body: unknown, paths: readonly string[]])[] = [
      [{}, ['provider']],
      [{ provider: 'trello' }, ['credentials']],
      [{ provider: 'nosuch', credentials: { a: 'b' } }, ['provider']],
      [{ provider: 'constructor', credentials: { a: 'b' } }, ['provider']],
      [
        { provider: 'trello', credentials: { token: 'a', more: 'b' } },
        ['credentials.apiKey', 'credentials.more'],
      ],
      [{ provider: 'trello', credentials: {}, connectionId: 'con_1', name: '' }, ['connectionId', 'name']],
      [{ provider: 5, credentials: [], name: {}, why: 1 }, ['credentials', 'name', 'provider', 'why']],
      [[], ['']],
      ['"text"', ['']],
      ['null', ['']],
    ];
    for (const [body, paths] of cases) {
      expect
        .soft(errorPaths(await configure(project, flowId, 'step', body)), JSON.stringify(body))
        .toEqual(paths);
    }
    const valid = 'con_00000000-0000-7000-8000-000000000000';
    const both = {
      provider: 'trello',
      credentials: { apiKey: 'a', token: 'b' },
      connectionId: valid,
      name: 'x',
    };
    expect(errorPaths(await configure(project, flowId, 'step', both))).toEqual(['connectionId', 'name']);
    await expectNothingCreated(project);
  });

  test('is not created in an unknown flow', async () => {
    const project = await backend.createProject();
    const { credentials } = await backend.sandbox.accept('trello');
    const response = await configure(project, 'unknown', 'step', { provider: 'trello', credentials });
    expect([response.status, response.json.code]).toEqual([404, 'flow_not_found']);
    expect((await project.list()).counts.all).toBe(0);
  });
});

describe('an existing connection', () => {
  test('is shared by flows, and counts flows', async () => {
    const project = await backend.createProject();
    const made = await project.connect();
    const flowId = await project.createFlow();
    const linked = await project.link(flowId, 'a', made);
    expect(linked.status).toBe(200);
    expect(linked.json).toEqual({ ...made.view, flowCount: 2, version: 2, updatedAt: linked.json.updatedAt });
    expect((await project.link(flowId, 'b', made)).json).toMatchObject({ flowCount: 2, version: 2 });
    expect((await project.link(flowId, 'a', made)).json).toMatchObject({ flowCount: 2, version: 2 });
    expect(await project.historyTypes(made.id)).toEqual(['linked', 'linked', 'linked', 'created']);
  });

  test('must exist in the project, with the same provider', async () => {
    const [project, other] = [await backend.createProject(), await backend.createProject()];
    const [own, foreign] = [await project.connect(), await other.connect()];
    const link = (provider: string, connectionId: string, flowId = own.flowId) =>
      configure(project, flowId, 'other', { provider, connectionId });
    const codes = [
      await link('slack', own.id),
      await link('trello', foreign.id),
      await link('trello', 'con_00000000-0000-7000-8000-000000000000'),
      await link('trello', own.id, 'unknown'),
    ].map(({ status, json }) => [status, json.code]);
    expect(codes).toEqual([
      [409, 'provider_mismatch'],
      [404, 'connection_not_found'],
      [404, 'connection_not_found'],
      [404, 'flow_not_found'],
    ]);
    expect(await project.get(own.id)).toEqual(own.view);
    expect(await other.get(foreign.id)).toEqual(foreign.view);
  });

  test('can be linked while inactive, and blocks the flow', async () => {
    const project = await backend.createProject();
    const made = await project.connect();
    await project.revokeAndCheck(made);
    const flowId = await project.createFlow('second');
    expect((await project.link(flowId, 'step', made)).json).toMatchObject({
      status: 'inactive',
      flowCount: 2,
    });
    expect((await project.flows({ connectionId: made.id })).items).toMatchObject([
      { blocked: true },
      { blocked: true },
    ]);
  });
});

describe('a linked step', () => {
  test('can be linked to another connection, and the last use disconnects the previous one', async () => {
    const project = await backend.createProject();
    const [one, two] = [await project.connect({ name: 'One' }), await project.connect({ name: 'Two' })];
    const moved = await project.link(one.flowId, one.stepId, two);
    expect(moved.json).toMatchObject({ id: two.id, flowCount: 2 });
    expect(await project.list()).toMatchObject({ items: [{ id: two.id }], counts: { all: 1, active: 1 } });
    const [flow] = (await project.flows()).items.filter(({ id }) => id === one.flowId);
    expect(flow?.integrations).toMatchObject([{ stepId: one.stepId, connectionId: two.id }]);
    expect(await project.historyTypes(one.id)).toEqual(['disconnected', 'unlinked', 'linked', 'created']);
  });

  test('can be linked to a new connection', async () => {
    const project = await backend.createProject();
    const one = await project.connect();
    const two = await project.connect({ flowId: one.flowId, provider: 'slack' });
    expect(await project.list()).toMatchObject({ items: [{ id: two.id, flowCount: 1 }], counts: { all: 1 } });
    expect((await project.request('GET', `/connections/${one.id}`)).status).toBe(404);
    await backend.whenIdle();
    expect((await secrets.send(new DescribeSecretCommand(secretOf(one.id)))).DeletedDate).toBeDefined();
  });
});

describe('removing an integration', () => {
  test('counts the flow out with its last step, and disconnects with the last flow', async () => {
    const project = await backend.createProject();
    const made = await project.connect();
    const flowId = await project.createFlow();
    await project.link(flowId, 'a', made);
    await project.link(flowId, 'b', made);
    const counts = [];
    for (const [flow, step] of [
      [flowId, 'a'],
      [flowId, 'b'],
    ] as const) {
      expect((await project.unlink(flow, step)).status).toBe(204);
      counts.push((await project.get(made.id)).flowCount);
    }
    expect(counts).toEqual([2, 1]);
    expect((await project.unlink(made.flowId, made.stepId)).status).toBe(204);
    expect(await project.list()).toEqual({
      items: [],
      nextCursor: null,
      counts: { all: 0, active: 0, inactive: 0 },
    });
    expect((await project.flows()).items.map(({ integrations }) => integrations)).toEqual([[], []]);
    for (const path of ['', '/check', '/reconnect']) {
      const body = path === '/reconnect' ? { credentials: made.credentials } : undefined;
      const response = await project.request(path ? 'POST' : 'GET', `/connections/${made.id}${path}`, {
        body,
      });
      expect(response.json).toMatchObject({ code: 'connection_not_found' });
    }
    expect((await project.link(flowId, 'a', made)).json).toMatchObject({ code: 'connection_not_found' });
  });

  test('schedules the deletion of the secret in 7 days, with the last use only', async () => {
    const project = await backend.createProject();
    const made = await project.connect();
    const flowId = await project.createFlow();
    await project.link(flowId, 'step', made);
    await project.unlink(flowId, 'step');
    await backend.whenIdle();
    expect((await secrets.send(new DescribeSecretCommand(secretOf(made.id)))).DeletedDate).toBeUndefined();
    const before = Date.now();
    await project.unlink(made.flowId, made.stepId);
    await backend.whenIdle();
    const { DeletedDate } = await secrets.send(new DescribeSecretCommand(secretOf(made.id)));
    const days = ((DeletedDate?.getTime() ?? 0) - before) / 86_400_000;
    expect(Math.round(days)).toBe(7);
    await expect(secrets.send(new GetSecretValueCommand(secretOf(made.id)))).rejects.toThrow(/deletion/);
  });

  test('that does not exist is not found, with a code of its own', async () => {
    const project = await backend.createProject();
    const { flowId, stepId, id, view } = await project.connect();
    const absent = await project.unlink(flowId, 'nothing');
    expect([absent.status, absent.json.code]).toEqual([404, 'integration_not_found']);
    const unknown = await project.unlink('unknown', stepId);
    expect([unknown.status, unknown.json.code]).toEqual([404, 'flow_not_found']);
    expect(await project.get(id)).toEqual(view);
    expect((await project.unlink(flowId, stepId)).status).toBe(204);
    expect((await project.unlink(flowId, stepId)).json).toMatchObject({ code: 'integration_not_found' });
  });
});
