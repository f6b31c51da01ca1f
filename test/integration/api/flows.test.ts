import { afterAll, describe, expect, test } from 'vitest';
import { TestBackend } from '../../harness/backend.ts';
import { errorPaths, readAllPages } from '../../harness/views.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

describe('a flow', () => {
  test('is registered and renamed by the same request', async () => {
    const project = await backend.createProject();
    const save = (name: string) => project.request('PUT', '/flows/f.1:a_b-C', { body: { name } });
    const flow = { id: 'f.1:a_b-C', name: 'Bookings', blocked: false, integrations: [] };
    expect((await save('  Bookings ')).json).toEqual(flow);
    expect((await save('Bookings')).json).toEqual(flow);
    expect((await save('Cafe\u0301')).json).toEqual({ ...flow, name: 'Café' });
    expect((await project.flows()).items).toEqual([{ ...flow, name: 'Café' }]);
  });

  test('keeps its steps when renamed, and has the status of their connections', async () => {
    const project = await backend.createProject();
    const trello = await project.connect({ flowId: await project.createFlow('f') });
    const slack = await project.connect({ flowId: 'f', provider: 'slack', stepId: 'b' });
    await project.link('f', 'a', trello);
    await project.revokeAndCheck(slack);
    const { json } = await project.request('PUT', '/flows/f', { body: { name: 'Renamed' } });
    const step = (stepId: string, provider: string, connectionId: string, connectionStatus: string) => ({
      stepId,
      provider,
      connectionId,
      connectionStatus,
    });
    const flow = {
      id: 'f',
      name: 'Renamed',
      blocked: true,
      integrations: [
        step('a', 'trello', trello.id, 'active'),
        step('b', 'slack', slack.id, 'inactive'),
        step('step', 'trello', trello.id, 'active'),
      ],
    };
    expect(json).toEqual(flow);
    expect((await project.flows()).items).toEqual([flow]);
    await project.unlink('f', 'b');
    expect((await project.flows()).items).toMatchObject([{ blocked: false }]);
  });

  test('is not visible in another project', async () => {
    const [project, other] = [await backend.createProject(), await backend.createProject()];
    await project.createFlow('same');
    await other.request('PUT', '/flows/same', { body: { name: 'Other' } });
    expect((await project.flows()).items).toMatchObject([{ id: 'same', name: 'same' }]);
    expect((await other.request('DELETE', '/flows/same')).status).toBe(204);
    expect((await project.flows()).items).toHaveLength(1);
  });

  test('has a valid name and id', async () => {
    const project = await backend.createProject();
    for (const name of ['', ' ', 'x'.repeat(129), 'a\tb', 5]) {
      const response = await project.request('PUT', '/flows/f', { body: { name } });
      expect(errorPaths(response)).toEqual(['name']);
    }
    const strange = await project.request('PUT', `/flows/${'f'.repeat(129)}`, {
      body: { name: 'ok', steps: [] },
    });
    expect(errorPaths(strange)).toEqual(['flowId', 'steps']);
    expect((await project.flows()).items).toEqual([]);
  });

  test('saved several times at once exists once, with one of the names', async () => {
    const project = await backend.createProject();
    const names = ['a', 'b', 'c', 'd', 'e'];
    const responses = await Promise.all(
      names.map((name) => project.request('PUT', '/flows/f', { body: { name } })),
    );
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const { items } = await project.flows();
    expect(items).toHaveLength(1);
    expect(names).toContain(items[0]?.name);
  });
});

describe('the flows of a project', () => {
  test('are listed by id, in pages of any size, with any number of steps', async () => {
    const project = await backend.createProject();
    const made = await project.connect({ flowId: await project.createFlow('m'), stepId: 'a' });
    const ids = ['m', 'm-2', 'M', 'a', 'a.b', 'a:b', 'a_b', 'z', '0'];
    for (const id of ids.slice(1)) await project.createFlow(id);
    for (const id of ['m', 'a', 'z']) {
      for (const stepId of ['s1', 's2', 's3']) await project.link(id, stepId, made);
    }
    const { items } = await project.flows();
    expect(items.map(({ id }) => id)).toEqual(ids.toSorted());
    expect(items.find(({ id }) => id === 'm')?.integrations.map(({ stepId }) => stepId)).toEqual([
      'a',
      's1',
      's2',
      's3',
    ]);
    for (const limits of [[1], [2], [4, 1], [9], [8], [100]]) {
      expect(await readAllPages((part) => project.flows(part), limits)).toEqual(items);
    }
  });

  test('can be listed by the connection that they use', async () => {
    const project = await backend.createProject();
    const one = await project.connect({ flowId: await project.createFlow('f1') });
    const two = await project.connect({ flowId: await project.createFlow('f2') });
    await project.link('f2', 'again', one);
    for (const id of ['f3', 'f4', 'f5']) await project.link(await project.createFlow(id), 'step', one);
    const using = (connectionId: string) =>
      readAllPages((part) => project.flows({ connectionId, ...part }), [2]);
    expect((await using(one.id)).map(({ id }) => id)).toEqual(['f1', 'f2', 'f3', 'f4', 'f5']);
    expect(await using(two.id)).toMatchObject([
      { id: 'f2', integrations: [{ stepId: 'again' }, { stepId: 'step' }] },
    ]);
    expect((await project.get(one.id)).flowCount).toBe(5);
  });

  test('refuse cursors of other lists and altered ones', async () => {
    const project = await backend.createProject();
    const { id } = await project.connect();
    await project.createFlow();
    await project.link(await project.createFlow(), 'step', { id, view: await project.get(id) });
    const { nextCursor } = await project.flows({ limit: '1' });
    for (const query of [`connectionId=${id}&cursor=${nextCursor}`, `cursor=${nextCursor}x`]) {
      expect((await project.request('GET', `/flows?${query}`)).json).toMatchObject({
        code: 'invalid_cursor',
      });
    }
    const other = await backend.createProject();
    expect((await other.request('GET', `/flows?cursor=${nextCursor}`)).json).toMatchObject({
      code: 'invalid_cursor',
    });
  });
});

describe('removing a flow', () => {
  test('unlinks every step, and disconnects connections that no other flow uses', async () => {
    const project = await backend.createProject();
    const flowId = await project.createFlow();
    const shared = await project.connect({ name: 'Shared' });
    const own = await project.connect({ flowId, name: 'Own' });
    const many = Array.from({ length: 40 }, (_, index) => `step-${index}`);
    for (const stepId of many) expect((await project.link(flowId, stepId, shared)).status).toBe(200);
    expect((await project.get(shared.id)).flowCount).toBe(2);
    expect((await project.request('DELETE', `/flows/${flowId}`)).status).toBe(204);
    expect((await project.flows()).items.map(({ id }) => id)).toEqual([shared.flowId]);
    expect(await project.list()).toMatchObject({
      items: [{ id: shared.id, flowCount: 1 }],
      counts: { all: 1 },
    });
    expect((await project.request('GET', `/connections/${own.id}`)).status).toBe(404);
    const unlinked = await readAllPages((part) => project.history(shared.id, part), [100]);
    expect(
      unlinked
        .filter(({ type }) => type === 'unlinked')
        .map(({ from }) => from?.stepId)
        .toSorted(),
    ).toEqual(many.toSorted());
    expect((await project.history(own.id)).items.slice(0, 2)).toMatchObject([
      { type: 'disconnected' },
      { type: 'unlinked', from: { flowId } },
    ]);
  });

  test('that does not exist is not found', async () => {
    const project = await backend.createProject();
    const flowId = await project.createFlow();
    expect((await project.request('DELETE', `/flows/${flowId}`)).status).toBe(204);
    const again = await project.request('DELETE', `/flows/${flowId}`);
    expect([again.status, again.json.code]).toEqual([404, 'flow_not_found']);
  });
});
