import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { logger } from '../../../shared/runtime/logger.ts';
import { TestBackend } from '../../harness/backend.ts';

let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.open();
});
afterAll(() => backend.close());
afterEach(() => vi.restoreAllMocks());

test("the engine's report is logged with its status, under the request's id, and without what was said", async () => {
  const info = vi.spyOn(logger(), 'info');
  const project = await backend.createProject();
  const { id } = await project.connect();
  const path = `/v1/runtime/projects/${project.id}/connections/${id}/failures`;
  const answer = await backend.engineRequest('POST', path, { status: 418, message: 'a teapot said so' });
  expect(answer.status).toBe(202);
  await backend.whenIdle();
  const requestId = answer.headers.get('apigw-requestid');
  expect(info.mock.calls).toContainEqual([
    'reported',
    { route: 'engine/report-failure', requestId, providerStatus: 418 },
  ]);
  expect(JSON.stringify(info.mock.calls)).not.toContain('teapot');
});
