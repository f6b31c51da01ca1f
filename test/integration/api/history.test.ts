import { afterAll, describe, expect, test } from 'vitest';
import { USERS } from '../../../local/users.ts';
import { TestBackend } from '../../harness/backend.ts';
import { readAllPages } from '../../harness/views.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

/** Makes a connection with an entry of almost every type, disconnected at the end. */
async function disconnectedWithHistory() {
  const project = await backend.createProject();
  const made = await project.connect({ name: 'First' });
  const { id, flowId, stepId } = made;
  await project.request('PATCH', `/connections/${id}`, { body: { name: 'Second' } });
  const other = await project.createFlow();
  await project.link(other, 'a', made);
  await project.link(other, 'b', made);
  await project.unlink(flowId, stepId);
  await project.revokeAndCheck(made);
  const { credentials } = await backend.sandbox.accept('trello');
  await project.request('POST', `/connections/${id}/reconnect`, { body: { credentials } });
  const body = { credentials, allowAccountChange: true };
  await project.request('POST', `/connections/${id}/reconnect`, { body });
  await project.unlink(other, 'a');
  await project.unlink(other, 'b');
  return { project, id, flowId, stepId, other };
}

describe('the history', () => {
  test('has every change with its actor, newest first, also of a disconnected connection', async () => {
    const { project, id, flowId, stepId, other } = await disconnectedWithHistory();
    expect((await project.request('GET', `/connections/${id}`)).status).toBe(404);
    const { items, nextCursor } = await project.history(id);
    expect(nextCursor).toBeNull();
    const actor = { type: 'user', id: USERS.administrator.id };
    const [active, inactive] = [{ status: 'active' }, { status: 'inactive' }];
    const labels = { from: { account: expect.any(String) }, to: { account: expect.any(String) } };
    expect(items.toReversed().map(({ id: _id, at: _at, ...entry }) => entry)).toEqual([
      { type: 'created', actor, to: { name: 'First' } },
      { type: 'linked', actor, to: { flowId, stepId } },
      { type: 'renamed', actor, from: { name: 'First' }, to: { name: 'Second' } },
      { type: 'linked', actor, to: { flowId: other, stepId: 'a' } },
      { type: 'linked', actor, to: { flowId: other, stepId: 'b' } },
      { type: 'unlinked', actor, from: { flowId, stepId } },
      { type: 'status_changed', actor, from: active, to: inactive, reason: 'access_revoked' },
      { type: 'reconnect_failed', actor, reason: 'account_mismatch' },
      { type: 'status_changed', actor, from: inactive, to: active },
      { type: 'reconnected', actor, ...labels },
      { type: 'unlinked', actor, from: { flowId: other, stepId: 'a' } },
      { type: 'unlinked', actor, from: { flowId: other, stepId: 'b' } },
      { type: 'disconnected', actor },
    ]);
    const times = items.map(({ at }) => at);
    expect(times).toEqual(times.toSorted().toReversed());
    expect(new Set(items.map((entry) => entry.id)).size).toBe(items.length);
  });

  test('is paged by any limit, and readable by members', async () => {
    const { project, id } = await disconnectedWithHistory();
    const { items } = await project.history(id);
    for (const limits of [[1], [2, 5], [13], [12], [100]]) {
      expect(await readAllPages((part) => project.history(id, part), limits)).toEqual(items);
    }
    const member = await project.request('GET', `/connections/${id}/history`, { as: 'member' });
    expect(member.json.items).toEqual(items);
  });

  test('refuses cursors of other lists and altered ones', async () => {
    const { project, id } = await disconnectedWithHistory();
    const { nextCursor } = await project.history(id, { limit: '3' });
    const other = await project.connect();
    const swapped = await project.request('GET', `/connections/${other.id}/history?cursor=${nextCursor}`);
    expect(swapped.json).toMatchObject({ code: 'invalid_cursor' });
    const altered = await project.request('GET', `/connections/${id}/history?cursor=x${nextCursor}`);
    expect(altered.json).toMatchObject({ code: 'invalid_cursor' });
  });

  test('of another project is not found', async () => {
    const { id } = await disconnectedWithHistory();
    const project = await backend.createProject();
    const response = await project.request('GET', `/connections/${id}/history`);
    expect(response.json).toMatchObject({ code: 'connection_not_found' });
  });
});
