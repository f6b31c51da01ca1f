import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngineClient } from '../../../web/client/engine.ts';
import { createClient, ProblemError, requireData } from '../../../web/client/index.ts';
import { TestBackend } from '../../harness/backend.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

const { apiUrl: baseUrl, tokens, runtime } = backend.session;

describe('the client of a user', () => {
  const client = createClient({ baseUrl, accessToken: () => tokens.administrator });
  let projectId: string;
  let connectionId: string;
  beforeAll(async () => {
    const project = await backend.createProject();
    projectId = project.id;
    ({ id: connectionId } = await project.connect({ provider: 'trello' }));
  });

  it('returns the body of a response', async () => {
    const params = { path: { projectId }, query: { status: 'active' as const } };
    const page = await requireData(client.GET('/v1/projects/{projectId}/connections', { params }));
    expect(page.items.map(({ id }) => id)).toEqual([connectionId]);
  });

  it('sends a body', async () => {
    const params = { path: { projectId, connectionId } };
    const path = '/v1/projects/{projectId}/connections/{connectionId}';
    const renamed = await requireData(client.PATCH(path, { params, body: { name: 'Trello - Support' } }));
    expect(renamed).toMatchObject({ id: connectionId, name: 'Trello - Support' });
  });

  it('throws the problem of a refused request', async () => {
    const params = { path: { projectId, connectionId } };
    const path = '/v1/projects/{projectId}/connections/{connectionId}';
    const renaming = requireData(client.PATCH(path, { params, body: { name: ' ' } }));
    await expect(renaming).rejects.toSatisfy(
      (error) => error instanceof ProblemError && error.status === 400 && error.code === 'invalid_request',
    );
  });

  it('asks for an access token for each request', async () => {
    const asked: string[] = [];
    const asking = createClient({
      baseUrl,
      accessToken: async () => {
        asked.push('token');
        return tokens.member;
      },
    });
    await requireData(asking.GET('/v1/projects'));
    await requireData(asking.GET('/v1/projects'));
    expect(asked).toHaveLength(2);
  });
});

describe('the client of the engine', () => {
  const { accessKeyId, secretAccessKey, region } = runtime;

  it('signs its requests, with and without a body', async () => {
    const engine = createEngineClient({ baseUrl, region, accessKeyId, secretAccessKey });
    const project = await backend.createProject();
    const { id: connectionId } = await project.connect({ provider: 'trello' });
    const params = { path: { projectId: project.id, connectionId } };
    const path = '/v1/runtime/projects/{projectId}/connections/{connectionId}/credentials';
    const issued = await requireData(engine.POST(path, { params }));
    expect(issued).toMatchObject({ connectionId, provider: 'trello' });
    const member = { path: { projectId: project.id, userId: 'new' } };
    const members = '/v1/runtime/projects/{projectId}/members/{userId}';
    const saved = await engine.PUT(members, { params: member, body: { role: 'member' } });
    expect(saved.response.status).toBe(204);
  });

  it('is refused with another key', async () => {
    const engine = createEngineClient({ baseUrl, region, accessKeyId, secretAccessKey: 'another' });
    const params = { path: { projectId: 'demo', userId: 'new' } };
    const refused = await engine.PUT('/v1/runtime/projects/{projectId}/members/{userId}', {
      params,
      body: { role: 'member' },
    });
    expect(refused.response.status).toBe(403);
  });
});
