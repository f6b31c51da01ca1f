import { afterAll, describe, expect, test, vi } from 'vitest';
import { type Project, TestBackend, type TestConnection } from '../../harness/backend.ts';
import { errorPaths } from '../../harness/views.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

/** Requests of every route that honors `If-Match`. */
const REQUESTS = {
  rename: (project: Project, { id }: TestConnection, headers: Record<string, string>) =>
    project.request('PATCH', `/connections/${id}`, { body: { name: 'Renamed' }, headers }),
  reconnect: (project: Project, { id, credentials }: TestConnection, headers: Record<string, string>) =>
    project.request('POST', `/connections/${id}/reconnect`, { body: { credentials }, headers }),
  disconnect: (project: Project, { flowId, stepId }: TestConnection, headers: Record<string, string>) =>
    project.request('DELETE', `/flows/${flowId}/integrations/${stepId}`, { headers }),
};

async function connectionAtVersion2(provider = 'trello') {
  const project = await backend.createProject();
  const connection = await project.connect({ provider });
  const renamed = await project.request('PATCH', `/connections/${connection.id}`, { body: { name: 'Two' } });
  expect(renamed.headers.get('etag')).toBe('"2"');
  return { project, connection };
}

describe.each(Object.entries(REQUESTS))('%s', (_, send) => {
  test('succeeds when If-Match has the version, or *', async () => {
    for (const tag of ['"2"', '*', '"1", "abc" ,"2"']) {
      const { project, connection } = await connectionAtVersion2();
      expect([200, 204]).toContain((await send(project, connection, { 'if-match': tag })).status);
    }
  });

  test('is refused and changes nothing when If-Match lacks a strong tag of the version', async () => {
    const { project, connection } = await connectionAtVersion2();
    const before = await project.get(connection.id);
    for (const tag of ['"1"', '"3"', '"1", "3"', 'W/"2"', '"abc"', '""', '"02x"', '"99999999999999999999"']) {
      const response = await send(project, connection, { 'if-match': tag });
      expect([tag, response.status, response.json.code]).toEqual([tag, 412, 'version_conflict']);
    }
    expect(await project.get(connection.id)).toEqual(before);
    expect((await project.history(connection.id)).items[0]?.type).toBe('renamed');
  });

  test('is refused when If-Match is no list of entity tags', async () => {
    const { project, connection } = await connectionAtVersion2();
    const before = await project.get(connection.id);
    for (const tag of ['2', '"2', "'2'", '"1",2', '"1" "2"', '*, "2"', ',']) {
      expect(errorPaths(await send(project, connection, { 'if-match': tag })), tag).toEqual(['If-Match']);
    }
    expect(await project.get(connection.id)).toEqual(before);
  });
});

describe('a change between the check of If-Match and the commit', () => {
  test('refuses a reconnect at the commit, and nothing changes', async () => {
    const { project, connection } = await connectionAtVersion2('calcom');
    await backend.sandbox.setFault('calcom', 'slow');
    const received = await backend.sandbox.requestCount('calcom');
    const running = REQUESTS.reconnect(project, connection, { 'if-match': '"2"' });
    await vi.waitFor(async () => expect(await backend.sandbox.requestCount('calcom')).toBe(received + 1));
    const renamed = await project.request('PATCH', `/connections/${connection.id}`, {
      body: { name: 'Meanwhile' },
    });
    expect(renamed.headers.get('etag')).toBe('"3"');
    const response = await running;
    expect([response.status, response.json.code]).toEqual([412, 'version_conflict']);
    expect(await project.get(connection.id)).toEqual(renamed.json);
    expect((await project.history(connection.id)).items[0]).toMatchObject({ to: { name: 'Meanwhile' } });
    await backend.sandbox.setFault('calcom', 'none');
    const again = await REQUESTS.reconnect(project, connection, { 'if-match': '"3"' });
    expect(again.headers.get('etag')).toBe('"4"');
  });
});

describe('the ETag', () => {
  test('is the version, in every response with a single connection', async () => {
    const project = await backend.createProject();
    const { id, view, credentials, acceptedId, flowId } = await project.connect();
    const etags = async () => {
      const got = await project.request('GET', `/connections/${id}`);
      return [got.headers.get('etag'), got.json.version];
    };
    expect([view.version, ...(await etags())]).toEqual([1, '"1"', 1]);
    const linked = await project.link(flowId, 'second step', { id, view });
    expect(errorPaths(linked)).toEqual(['stepId']);
    const other = await project.createFlow();
    expect((await project.link(other, 'second', { id, view })).headers.get('etag')).toBe('"2"');
    const reconnected = await project.request('POST', `/connections/${id}/reconnect`, {
      body: { credentials },
    });
    expect(reconnected.headers.get('etag')).toBe('"3"');
    await project.revokeAndCheck({ id, acceptedId });
    expect(await etags()).toEqual(['"4"', 4]);
  });

  test('of the last response allows one of two concurrent changes', async () => {
    const { project, connection } = await connectionAtVersion2();
    const rename = (name: string) =>
      project.request('PATCH', `/connections/${connection.id}`, {
        body: { name },
        headers: { 'if-match': '"2"' },
      });
    const responses = await Promise.all([rename('One'), rename('Other')]);
    expect(responses.map(({ status }) => status).toSorted()).toEqual([200, 412]);
    const winner = responses.find(({ status }) => status === 200);
    expect(await project.get(connection.id)).toEqual(winner?.json);
  });
});
