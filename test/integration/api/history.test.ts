import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { USERS } from '../../../local/users.ts';
import { TestBackend } from '../../harness/backend.ts';
import { readAllPages } from '../../harness/views.ts';

let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.open();
});
afterAll(() => backend.close());

/** A connection with a long life behind it, disconnected in the end. */
async function lived() {
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
  test('tells everything, newest first, by whom, also of a connection that is gone', async () => {
    const { project, id, flowId, stepId, other } = await lived();
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

  test('is read in pages of any size, for members too', async () => {
    const { project, id } = await lived();
    const { items } = await project.history(id);
    for (const limits of [[1], [2, 5], [13], [12], [100]]) {
      expect(await readAllPages((part) => project.history(id, part), limits)).toEqual(items);
    }
    const member = await project.request('GET', `/connections/${id}/history`, { as: 'member' });
    expect(member.json.items).toEqual(items);
  });

  test('has cursors of its own', async () => {
    const { project, id } = await lived();
    const { nextCursor } = await project.history(id, { limit: '3' });
    const other = await project.connect();
    const swapped = await project.request('GET', `/connections/${other.id}/history?cursor=${nextCursor}`);
    expect(swapped.json).toMatchObject({ code: 'invalid_cursor' });
    const altered = await project.request('GET', `/connections/${id}/history?cursor=x${nextCursor}`);
    expect(altered.json).toMatchObject({ code: 'invalid_cursor' });
  });

  test('is not for another project, whether the connection is gone or not', async () => {
    const { id } = await lived();
    const project = await backend.createProject();
    const answer = await project.request('GET', `/connections/${id}/history`);
    expect(answer.json).toMatchObject({ code: 'connection_not_found' });
  });
});
