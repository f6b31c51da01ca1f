import { afterAll, describe, expect, test } from 'vitest';
import { type Project, TestBackend } from '../../harness/backend.ts';
import { expectStatus } from '../../harness/response.ts';
import type { ConsentDecision } from '../../harness/sandbox.ts';
import { parseConnection } from '../../harness/views.ts';

// No other test of this file uses the same provider, so that the sandbox's list of grants is the test's own.
const backend = await TestBackend.open();
afterAll(() => backend.close());

async function aliveAt(provider: string): Promise<readonly string[]> {
  const grants = await backend.sandbox.grants(provider);
  return grants.filter(({ alive }) => alive).map(({ account }) => account.label);
}

async function reconnect(project: Project, id: string, decision?: ConsentDecision): Promise<void> {
  const path = `/connections/${id}`;
  const returned = await project.consent(path, { allowAccountChange: true }, decision);
  expectStatus(200, await project.complete(returned));
}

describe('a grant that serves no more', () => {
  test.each([
    ['asana-oauth', 'by its refresh token'],
    ['dropbox', 'by its access token'],
  ])('is revoked after the disconnect of %s, %s', async (provider) => {
    const project = await backend.createProject();
    const flowId = await project.createFlow();
    await project.authorize({ provider, flowId });
    expect(await aliveAt(provider)).toHaveLength(1);
    expectStatus(204, await project.unlink(flowId, 'step'));
    await backend.whenIdle();
    expect(await aliveAt(provider)).toEqual([]);
  });

  test('is revoked after a reconnect, and the new one is not', async () => {
    const project = await backend.createProject();
    const { id, account } = await project.authorize({ provider: 'box' });
    await reconnect(project, id);
    await backend.whenIdle();
    expect(await aliveAt('box')).toEqual([account?.label]);
    const check = await project.request('POST', `/connections/${id}/check`);
    expect(check.json.check).toMatchObject({ outcome: 'ok' });
  });

  test('is left where a revocation ends every grant of the user', async () => {
    const project = await backend.createProject();
    const flowId = await project.createFlow();
    await project.authorize({ provider: 'gmail', flowId });
    expectStatus(204, await project.unlink(flowId, 'step'));
    await backend.whenIdle();
    expect(await aliveAt('gmail')).toHaveLength(1);
  });

  test('is not taken for that of a refresh that replaced the refresh token', async () => {
    const project = await backend.createProject();
    const { id } = await project.authorize({ provider: 'calendly' });
    await backend.sandbox.setTokens('calendly', { accessTokenSeconds: 1 });
    const path = `/v1/runtime/projects/${project.id}/connections/${id}/credentials`;
    const issued = await backend.engineRequest('POST', path, { minValiditySeconds: 3_600 });
    expectStatus(200, issued);
    await backend.whenIdle();
    expect(await aliveAt('calendly')).toHaveLength(1);
    expect(parseConnection(await project.request('GET', `/connections/${id}`)).status).toBe('active');
  });
});
