import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { USERS } from '../../../local/users.ts';
import { TestBackend } from '../../harness/backend.ts';
import { errorPaths } from '../../harness/views.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

const memberPath = (projectId: string, userId: string = USERS.outsider.id) =>
  `/v1/runtime/projects/${projectId}/members/${userId}`;

describe("the caller's projects", () => {
  test('are those with a membership of theirs, each with the role', async () => {
    const project = await backend.createProject();
    const mine = { projectId: project.id, role: 'administrator' };
    expect((await backend.request('GET', '/v1/projects')).json.items).toContainEqual(mine);
    const theirs = (await backend.request('GET', '/v1/projects', { as: 'member' })).json.items;
    expect(theirs).toContainEqual({ projectId: project.id, role: 'member' });
    const strangers = (await backend.request('GET', '/v1/projects', { as: 'outsider' })).json.items;
    expect(strangers).not.toContainEqual(expect.objectContaining({ projectId: project.id }));
  });
});

describe('a membership', () => {
  test('allows what its role allows, from the next request on', async () => {
    const project = await backend.createProject();
    const { id } = await project.connect();
    const rename = () =>
      project.request('PATCH', `/connections/${id}`, { as: 'outsider', body: { name: randomUUID() } });
    const statuses = [(await rename()).status];
    for (const role of ['member', 'administrator', 'member'] as const) {
      expect((await backend.engineRequest('PUT', memberPath(project.id), { role })).status).toBe(204);
      statuses.push((await rename()).status);
    }
    expect((await backend.engineRequest('DELETE', memberPath(project.id))).status).toBe(204);
    statuses.push((await rename()).status);
    expect(statuses).toEqual([404, 403, 200, 403, 404]);
    const mine = await backend.request('GET', '/v1/projects', { as: 'outsider' });
    expect(mine.json.items).not.toContainEqual(expect.objectContaining({ projectId: project.id }));
  });

  test('can be set and removed repeatedly', async () => {
    const project = await backend.createProject();
    for (const _ of [1, 2]) {
      expect((await backend.engineRequest('PUT', memberPath(project.id), { role: 'member' })).status).toBe(
        204,
      );
    }
    for (const _ of [1, 2]) {
      expect((await backend.engineRequest('DELETE', memberPath(project.id))).status).toBe(204);
    }
  });

  test('is valid in its own project only, also if one id is a prefix of the other', async () => {
    const project = await backend.createProject();
    const longer = `${project.id}-2`;
    await backend.engineRequest('PUT', memberPath(longer), { role: 'administrator' });
    const inside = await backend.request('GET', `/v1/projects/${longer}/connections`, { as: 'outsider' });
    const outside = await backend.request('GET', `/v1/projects/${project.id}/connections`, {
      as: 'outsider',
    });
    expect([inside.status, outside.status]).toEqual([200, 404]);
  });

  test('has a known role and user id', async () => {
    const project = await backend.createProject();
    for (const body of [{ role: 'owner' }, {}, { role: 'member', since: 1 }, { role: ['member'] }]) {
      const response = await backend.engineRequest('PUT', memberPath(project.id), body);
      expect(errorPaths(response)).toEqual(['since' in body ? 'since' : 'role']);
    }
    const strange = await backend.engineRequest('PUT', memberPath(project.id, 'no%20id'), { role: 'member' });
    expect(errorPaths(strange)).toEqual(['userId']);
  });
});
