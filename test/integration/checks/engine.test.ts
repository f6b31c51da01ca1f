import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestHouse } from '../../fixtures/house.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await TestHouse.open();
});
afterAll(() => house.close());

const path = (project: string, id: string, what: string) =>
  `/v1/runtime/projects/${project}/connections/${id}/${what}`;

describe('the flow engine', () => {
  test('gets the credentials of an active connection, and always those that were committed last', async () => {
    const project = await house.project();
    const { id, credentials } = await project.connect({ provider: 'trello' });
    const first = await house.engine('POST', path(project.id, id, 'credentials'));
    expect(first.status).toBe(200);
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(first.json).toEqual({
      connectionId: id,
      provider: 'trello',
      authType: (await project.get(id)).authType,
      credentials,
      expiresAt: null,
      version: 1,
    });
    const next = await house.sandbox.accept('trello');
    const body = { credentials: next.credentials, allowAccountChange: true };
    await project.ask('POST', `/connections/${id}/reconnect`, { body });
    const second = await house.engine('POST', path(project.id, id, 'credentials'));
    expect(second.json).toMatchObject({ credentials: next.credentials, version: 2 });
  });

  test('is refused with the reason when the connection is inactive', async () => {
    const project = await house.project();
    const connected = await project.connect({ provider: 'trello' });
    await project.turnInactive(connected);
    const answer = await house.engine('POST', path(project.id, connected.id, 'credentials'));
    expect(answer.status).toBe(409);
    expect(answer.json).toMatchObject({
      code: 'connection_inactive',
      statusReason: { code: 'access_revoked' },
    });
    expect(answer.text).not.toContain('sample-');
  });

  test('has a connection checked at once by reporting a failure, once for many reports', async () => {
    const project = await house.project();
    const { id, acceptance } = await project.connect({ provider: 'openai' });
    await house.sandbox.revoke(acceptance);
    const before = await house.sandbox.received('openai');
    const report = () => house.engine('POST', path(project.id, id, 'failures'), { status: 401 });
    const responses = await Promise.all([report(), report(), report()]);
    expect(responses.map(({ status }) => status)).toEqual([202, 202, 202]);
    await house.house.whenIdle();
    expect(await project.get(id)).toMatchObject({ status: 'inactive' });
    // One check: a refusal, and the call that confirms it.
    expect(await house.sandbox.received('openai')).toBe(before + 2);
  });

  test('has it checked though a schedule was run for a later time', async () => {
    const project = await house.project();
    const { id, acceptance } = await project.connect({ provider: 'notion' });
    await house.schedule('enqueue-due-checks', (await project.get(id)).nextCheckAt);
    await house.sandbox.revoke(acceptance);
    await house.engine('POST', path(project.id, id, 'failures'), { status: 401 });
    await house.house.whenIdle();
    expect(await project.get(id)).toMatchObject({ status: 'inactive' });
  });

  test('turns nothing by its own word', async () => {
    const project = await house.project();
    const { id } = await project.connect({ provider: 'anthropic' });
    await house.engine('POST', path(project.id, id, 'failures'), { status: 401, message: 'no' });
    await house.house.whenIdle();
    expect(await project.get(id)).toMatchObject({ status: 'active', version: 1 });
  });

  test('finds no connection of another project', async () => {
    const [here, there] = [await house.project(), await house.project()];
    const { id } = await here.connect({ provider: 'trello' });
    for (const what of ['credentials', 'failures']) {
      const body = what === 'failures' ? { status: 401 } : undefined;
      const answer = await house.engine('POST', path(there.id, id, what), body);
      expect(answer).toMatchObject({ status: 404, json: { code: 'connection_not_found' } });
    }
  });
});
