import { afterAll, describe, expect, test } from 'vitest';
import { type Project, TestBackend } from '../../harness/backend.ts';
import type { ConsentDecision } from '../../harness/sandbox.ts';
import { parseConnection } from '../../harness/views.ts';

/** The README's session with curl: connect, reconnect and stay connected through the sandbox's consent page. */

const backend = await TestBackend.open();
afterAll(() => backend.close());

const PROVIDERS = ['google-calendar', 'microsoft-outlook'] as const;

/** Connects a step as the first account of the consent page. */
async function connect(provider: string) {
  const project = await backend.createProject();
  const known = new Set((await backend.sandbox.grants(provider)).map(({ id }) => id));
  const view = await project.authorize({ provider });
  const [grant] = (await backend.sandbox.grants(provider)).filter(({ id }) => !known.has(id));
  if (!grant) throw new Error('The sandbox has no grant of the new connection.');
  return { project, view, grant };
}

/** Authorizes a connection again, up to the completion. */
function reconnected(project: Project, id: string, body: object = {}, decision: ConsentDecision = {}) {
  return project.consent(`/connections/${id}`, { ...body }, decision);
}

function issue(project: Project, id: string, body?: object) {
  return backend.engineRequest(
    'POST',
    `/v1/runtime/projects/${project.id}/connections/${id}/credentials`,
    body,
  );
}

async function accessTokenOf(project: Project, id: string): Promise<string> {
  const { status, json } = await issue(project, id);
  expect(status).toBe(200);
  const { accessToken, tokenType } = Object(json.credentials);
  expect(tokenType).toBe('Bearer');
  return String(accessToken);
}

const check = (project: Project, id: string) => project.request('POST', `/connections/${id}/check`);

describe.each(PROVIDERS)('%s', (provider) => {
  test('is connected with the account that was chosen', async () => {
    const { project, view, grant } = await connect(provider);
    expect(view).toMatchObject({ provider: { id: provider }, status: 'active', statusReason: null });
    expect(view.account?.label).toBe(grant.account.label);
    expect((await project.history(view.id)).items.at(-1)).toMatchObject({ type: 'created' });
    expect(await accessTokenOf(project, view.id)).toMatch(/^at-/);
  });

  test('is not connected if the user refuses', async () => {
    const project = await backend.createProject();
    const path = `/flows/${await project.createFlow()}/integrations/step`;
    const refused = project.consent(path, { provider }, { deny: true });
    await expect(refused).rejects.toThrow('authorization_denied');
    expect((await project.list()).counts.all).toBe(0);
  });

  test('becomes inactive by a check once the grant was revoked, and is reconnected with the same account', async () => {
    const { project, view, grant } = await connect(provider);
    await backend.sandbox.revokeGrant(grant.id);
    const { json } = await check(project, view.id);
    expect(json).toMatchObject({
      check: { outcome: 'rejected' },
      connection: { status: 'inactive', statusReason: { code: 'access_revoked' } },
    });
    const refused = await issue(project, view.id);
    expect([refused.status, refused.json.code]).toEqual([409, 'connection_inactive']);
    const response = await project.complete(await reconnected(project, view.id));
    expect(response.status).toBe(200);
    expect(parseConnection(response)).toMatchObject({
      id: view.id,
      status: 'active',
      statusReason: null,
      account: view.account,
    });
    await accessTokenOf(project, view.id);
    expect((await check(project, view.id)).json).toMatchObject({ check: { outcome: 'ok' } });
    const types = await project.historyTypes(view.id);
    expect(types.slice(0, 3)).toEqual(['reconnected', 'status_changed', 'status_changed']);
  });

  test('is reconnected with another account only if that is allowed', async () => {
    const { project, view, grant } = await connect(provider);
    const other = (await accountsOf(project, view.id)).find((id) => id !== grant.account.id) ?? '';
    const mismatch = await project.complete(await reconnected(project, view.id, {}, { account: other }));
    expect([mismatch.status, mismatch.json.code]).toEqual([409, 'account_mismatch']);
    expect(await project.get(view.id)).toMatchObject({ account: view.account, status: 'active' });
    expect((await project.history(view.id)).items[0]).toMatchObject({
      type: 'reconnect_failed',
      reason: 'account_mismatch',
    });
    await accessTokenOf(project, view.id);
    const body = { allowAccountChange: true };
    const allowed = await project.complete(await reconnected(project, view.id, body, { account: other }));
    expect(allowed.status).toBe(200);
    expect(parseConnection(allowed).account?.label).not.toBe(view.account?.label);
  });

  test('gets a fresh token across ten expiries', async () => {
    // Shorter than what a flow asks for, so that each token has ended for it when the next one is asked for.
    await backend.sandbox.setTokens(provider, { accessTokenSeconds: 60 });
    const { project, view, grant } = await connect(provider);
    const tokens = new Set<string>();
    for (let expiry = 0; expiry < 10; expiry += 1) tokens.add(await accessTokenOf(project, view.id));
    await backend.sandbox.setTokens(provider, {});
    expect(tokens.size).toBe(10);
    const [refreshed] = (await backend.sandbox.grants(provider)).filter(({ id }) => id === grant.id);
    expect(refreshed).toMatchObject({ refreshed: 10, alive: true });
    expect(await project.get(view.id)).toMatchObject({ status: 'active', version: view.version });
    expect((await check(project, view.id)).json).toMatchObject({ check: { outcome: 'ok' } });
  });
});

describe('a scope that the user unticks', () => {
  const untick = async (provider: string) => {
    const project = await backend.createProject();
    const path = `/flows/${await project.createFlow()}/integrations/step`;
    const unticked = (await requestedScopes(project, path, provider))[0] ?? '';
    const response = await project.complete(
      await project.consent(path, { provider }, { without: [unticked] }),
    );
    expect((await project.list()).counts.all).toBe(0);
    return { ...response, unticked };
  };

  test('is named, where the provider lists the granted ones, and nothing is connected', async () => {
    const { status, json, unticked } = await untick('google-calendar');
    expect([status, json.code]).toEqual([422, 'scopes_missing']);
    expect(json.missing).toEqual([unticked]);
  });

  test('is found by the probe, where the provider does not list them', async () => {
    const { status, json } = await untick('microsoft-outlook');
    expect([status, json.code]).toEqual([422, 'credentials_rejected']);
  });
});

/** Lists the scopes that an authorization requests. */
async function requestedScopes(project: Project, path: string, provider: string): Promise<readonly string[]> {
  const returnTo = `${backend.session.apiUrl}/returned`;
  const { json } = await project.request('POST', `${path}/authorize`, { body: { provider, returnTo } });
  const scopes = new URL(String(json.authorizationUrl)).searchParams.get('scope') ?? '';
  return scopes.split(' ').filter((scope) => !['openid', 'offline_access'].includes(scope));
}

/** Lists the ids of the accounts on the consent page of a connection. */
async function accountsOf(project: Project, connectionId: string): Promise<readonly string[]> {
  const body = { returnTo: `${backend.session.apiUrl}/returned` };
  const { json } = await project.request('POST', `/connections/${connectionId}/authorize`, { body });
  const page = await (await fetch(String(json.authorizationUrl))).text();
  return Array.from(page.matchAll(/name="account" value="([^"]*)"/g), ([, id = '']) => id);
}
