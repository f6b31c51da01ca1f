import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { TestBackend } from '../../harness/backend.ts';

const backend = await TestBackend.open();
// The module of the backend's functions, which were loaded anew.
const { logger } = await import('../../../shared/runtime/logger.ts');
afterAll(() => backend.close());
afterEach(() => vi.restoreAllMocks());

test("the engine's report is logged with its status and the request's id, without its message", async () => {
  const info = vi.spyOn(logger(), 'info');
  const project = await backend.createProject();
  const { id } = await project.connect();
  const path = `/v1/runtime/projects/${project.id}/connections/${id}/failures`;
  const response = await backend.engineRequest('POST', path, { status: 418, message: 'I am a teapot' });
  expect(response.status).toBe(202);
  await backend.whenIdle();
  const requestId = response.headers.get('apigw-requestid');
  expect(info.mock.calls).toContainEqual([
    'reported',
    { route: 'engine/report-failure', requestId, providerStatus: 418 },
  ]);
  expect(JSON.stringify(info.mock.calls)).not.toContain('teapot');
});
