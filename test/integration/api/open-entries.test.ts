import { afterAll, describe, expect, test } from 'vitest';
import { builtInProviders } from '../../../shared/catalog/index.ts';
import { TestBackend } from '../../harness/backend.ts';
import { errorPaths } from '../../harness/views.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());
const project = await backend.createProject();

const entered = builtInProviders()
  .map(({ entry }) => entry)
  .filter(({ open, auth }) => open && auth.type !== 'oauth2')
  .map(({ id }) => id);

describe('a connection to a service that a user names', () => {
  test.each(entered)('is made, issued, checked and found revoked: %s', async (provider) => {
    const connection = await project.connect({ provider });
    expect(connection.view.account?.label).toMatch(/^https:\/\/\S+\.service\.example$/);
    const issued = await backend.engineRequest(
      'POST',
      `/v1/runtime/projects/${project.id}/connections/${connection.id}/credentials`,
    );
    expect(issued.json.credentials).toMatchObject({ baseUrl: connection.credentials.baseUrl });
    const check = () => project.request('POST', `/connections/${connection.id}/check`);
    expect((await check()).json).toMatchObject({ check: { outcome: 'ok' } });
    await project.revokeAndCheck(connection);
    expect(await project.get(connection.id)).toMatchObject({
      status: 'inactive',
      statusReason: { code: 'access_revoked' },
    });
  });

  test('belongs to another account at another address', async () => {
    const first = await project.connect({ provider: 'custom-http-bearer' });
    const { credentials } = await backend.sandbox.accept('custom-http-bearer');
    const response = await project.request('POST', `/connections/${first.id}/reconnect`, {
      body: { credentials },
    });
    expect(response.json).toMatchObject({ code: 'account_mismatch' });
  });

  test.each([
    'http://api.example.com',
    'https://api.example.com:8443',
    'https://a@b.example',
    'https://[::1]',
  ])('is not made at %s', async (baseUrl) => {
    const credentials = { baseUrl, token: 'made-up', probePath: '/me' };
    const path = `/flows/${await project.createFlow()}/integrations/step`;
    const response = await project.request('PUT', path, {
      body: { provider: 'custom-http-bearer', credentials },
    });
    expect([response.status, errorPaths(response)]).toEqual([400, ['credentials.baseUrl']]);
  });
});
