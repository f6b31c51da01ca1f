import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { USERS } from '../../../local/users.ts';
import { TestHouse } from '../../fixtures/house.ts';
import { faultPaths } from '../../fixtures/reading.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await TestHouse.open();
});
afterAll(() => house.close());

const memberPath = (projectId: string, userId: string = USERS.outsider.id) =>
  `/v1/runtime/projects/${projectId}/members/${userId}`;

describe("the caller's projects", () => {
  test('are those with a membership, each with its role', async () => {
    const project = await house.project();
    const mine = { projectId: project.id, role: 'administrator' };
    expect((await house.ask('GET', '/v1/projects')).json.items).toContainEqual(mine);
    const theirs = (await house.ask('GET', '/v1/projects', { as: 'member' })).json.items;
    expect(theirs).toContainEqual({ projectId: project.id, role: 'member' });
    const strangers = (await house.ask('GET', '/v1/projects', { as: 'outsider' })).json.items;
    expect(strangers).not.toContainEqual(expect.objectContaining({ projectId: project.id }));
  });
});

describe('a membership', () => {
  test('lets into the project at once, with its role and no more', async () => {
    const project = await house.project();
    const { id } = await project.connect();
    const rename = () =>
      project.ask('PATCH', `/connections/${id}`, { as: 'outsider', body: { name: randomUUID() } });
    const statuses = [(await rename()).status];
    for (const role of ['member', 'administrator', 'member'] as const) {
      expect((await house.engine('PUT', memberPath(project.id), { role })).status).toBe(204);
      statuses.push((await rename()).status);
    }
    expect((await house.engine('DELETE', memberPath(project.id))).status).toBe(204);
    statuses.push((await rename()).status);
    expect(statuses).toEqual([404, 403, 200, 403, 404]);
    const mine = await house.ask('GET', '/v1/projects', { as: 'outsider' });
    expect(mine.json.items).not.toContainEqual(expect.objectContaining({ projectId: project.id }));
  });

  test('can be given and taken again and again', async () => {
    const project = await house.project();
    for (const _ of [1, 2]) {
      expect((await house.engine('PUT', memberPath(project.id), { role: 'member' })).status).toBe(204);
    }
    for (const _ of [1, 2]) {
      expect((await house.engine('DELETE', memberPath(project.id))).status).toBe(204);
    }
  });

  test('holds in its own project alone, also where one name begins with the other', async () => {
    const project = await house.project();
    const longer = `${project.id}-2`;
    await house.engine('PUT', memberPath(longer), { role: 'administrator' });
    const inside = await house.ask('GET', `/v1/projects/${longer}/connections`, { as: 'outsider' });
    const outside = await house.ask('GET', `/v1/projects/${project.id}/connections`, { as: 'outsider' });
    expect([inside.status, outside.status]).toEqual([200, 404]);
  });

  test('has one of the known roles', async () => {
    const project = await house.project();
    for (const body of [{ role: 'owner' }, {}, { role: 'member', since: 1 }, { role: ['member'] }]) {
      const answer = await house.engine('PUT', memberPath(project.id), body);
      expect(faultPaths(answer)).toEqual(['since' in body ? 'since' : 'role']);
    }
    const strange = await house.engine('PUT', memberPath(project.id, 'no%20id'), { role: 'member' });
    expect(faultPaths(strange)).toEqual(['userId']);
  });
});
