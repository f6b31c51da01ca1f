import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Project, TestBackend, type TestConnection } from '../../harness/backend.ts';
import { errorPaths } from '../../harness/views.ts';

let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.open();
});
afterAll(() => backend.close());

/** Every route that heeds If-Match, with what shows that nothing was done. */
const CONDITIONAL = {
  rename: (project: Project, { id }: TestConnection, headers: Record<string, string>) =>
    project.request('PATCH', `/connections/${id}`, { body: { name: 'Renamed' }, headers }),
  reconnect: (project: Project, { id, credentials }: TestConnection, headers: Record<string, string>) =>
    project.request('POST', `/connections/${id}/reconnect`, { body: { credentials }, headers }),
  disconnect: (project: Project, { flowId, stepId }: TestConnection, headers: Record<string, string>) =>
    project.request('DELETE', `/flows/${flowId}/integrations/${stepId}`, { headers }),
};

async function atVersionTwo() {
  const project = await backend.createProject();
  const connected = await project.connect();
  const renamed = await project.request('PATCH', `/connections/${connected.id}`, { body: { name: 'Two' } });
  expect(renamed.headers.get('etag')).toBe('"2"');
  return { project, connected };
}

describe.each(Object.entries(CONDITIONAL))('%s', (_, ask) => {
  test('goes on when If-Match names the version, or any', async () => {
    for (const tag of ['"2"', '*', '"1", "abc" ,"2"']) {
      const { project, connected } = await atVersionTwo();
      expect([200, 204]).toContain((await ask(project, connected, { 'if-match': tag })).status);
    }
  });

  test('is refused and changes nothing when If-Match does not name the version, by a strong tag', async () => {
    const { project, connected } = await atVersionTwo();
    const before = await project.get(connected.id);
    for (const tag of ['"1"', '"3"', '"1", "3"', 'W/"2"', '"abc"', '""', '"02x"', '"99999999999999999999"']) {
      const answer = await ask(project, connected, { 'if-match': tag });
      expect([tag, answer.status, answer.json.code]).toEqual([tag, 412, 'version_conflict']);
    }
    expect(await project.get(connected.id)).toEqual(before);
    expect((await project.history(connected.id)).items[0]?.type).toBe('renamed');
  });

  test('is refused when If-Match is no list of tags', async () => {
    const { project, connected } = await atVersionTwo();
    const before = await project.get(connected.id);
    for (const tag of ['2', '"2', "'2'", '"1",2', '"1" "2"', '*, "2"', ',']) {
      expect(errorPaths(await ask(project, connected, { 'if-match': tag })), tag).toEqual(['If-Match']);
    }
    expect(await project.get(connected.id)).toEqual(before);
  });
});

describe('the ETag', () => {
  test('is the version, on every answer that is a single connection', async () => {
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

  test('of the last answer lets the next change through, and only one of two', async () => {
    const { project, connected } = await atVersionTwo();
    const rename = (name: string) =>
      project.request('PATCH', `/connections/${connected.id}`, {
        body: { name },
        headers: { 'if-match': '"2"' },
      });
    const responses = await Promise.all([rename('One'), rename('Other')]);
    expect(responses.map(({ status }) => status).toSorted()).toEqual([200, 412]);
    const winner = responses.find(({ status }) => status === 200);
    expect(await project.get(connected.id)).toEqual(winner?.json);
  });
});
