import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Project, TestBackend } from '../../harness/backend.ts';
import { parseEvents } from '../../harness/event-bus.ts';
import { readResponse } from '../../harness/response.ts';

let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.open();
});
afterAll(() => backend.close());

const DAY_MS = 24 * 60 * 60 * 1000;

/** Returns the events of a project that reached the bus, oldest first. */
async function eventsOf({ id }: Project) {
  await backend.whenIdle();
  const { json } = await readResponse(await fetch(`${backend.session.apiUrl}/local/events`));
  return parseEvents(json.items).filter(({ detail }) => detail.projectId === id);
}

/** Sends the notices that were collected for a digest, and returns all of a project. */
async function noticesOf({ id }: Project) {
  await sendDigests();
  return backend.notices.filter(({ attributes }) => attributes.projectId === id);
}

async function sendDigests(): Promise<void> {
  await backend.whenIdle();
  await backend.runSchedule('send-digests', new Date(Date.now() + 6 * 60_000).toISOString());
}

/** Does everything that can happen to a connection, except its expiry. */
async function doEverything(project: Project) {
  const connected = await project.connect({ name: 'Board' });
  const { id } = connected;
  await project.request('PATCH', `/connections/${id}`, { body: { name: 'Café' } });
  const other = await project.createFlow();
  await project.link(other, 'second', connected);
  const wrong = await backend.sandbox.accept('trello');
  await backend.sandbox.revoke(wrong.id);
  await project.request('POST', `/connections/${id}/reconnect`, { body: { credentials: wrong.credentials } });
  await project.revokeAndCheck(connected);
  const fresh = await backend.sandbox.accept('trello');
  const body = { credentials: fresh.credentials, allowAccountChange: true };
  expect((await project.request('POST', `/connections/${id}/reconnect`, { body })).status).toBe(200);
  await project.unlink(other, 'second');
  await project.unlink(connected.flowId, connected.stepId);
  const secrets = [connected.credentials, wrong.credentials, fresh.credentials];
  return {
    id,
    flows: [connected.flowId, other],
    secrets: secrets.flatMap((fields) => Object.values(fields)),
  };
}

const ENTRY_TYPES = [
  'created',
  'linked',
  'renamed',
  'linked',
  'reconnect_failed',
  'status_changed',
  'status_changed',
  'reconnected',
  'unlinked',
  'unlinked',
  'disconnected',
];

describe('every operation', () => {
  test('publishes one event for each history entry, in order', async () => {
    const project = await backend.createProject();
    const { id, flows } = await doEverything(project);
    const events = await eventsOf(project);
    expect(events.map((event) => event['detail-type'])).toEqual(
      ENTRY_TYPES.map((type) => `connection.${type}`),
    );
    const { items } = await project.history(id, { limit: '100' });
    const entries = events.map(({ detail }) => {
      const { eventId, type, at, actor, from, to, reason } = detail;
      return {
        id: eventId,
        type,
        at,
        actor,
        ...(from && { from }),
        ...(to && { to }),
        ...(reason && { reason }),
      };
    });
    expect(entries).toEqual(items.toReversed());
    const statusChanges = events.filter(({ detail }) => detail.type === 'status_changed');
    for (const { detail } of statusChanges) {
      expect(detail.flows?.count).toBe(2);
      expect(new Set(detail.flows?.items.map((flow) => flow.id))).toEqual(new Set(flows));
    }
    for (const { detail, time } of events) {
      expect(detail).toMatchObject({ connectionId: id, provider: 'trello', projectId: project.id });
      expect(time).toBe(`${detail.at.slice(0, 19)}Z`);
    }
  });

  test('sends one notice of each status change, and none of anything else', async () => {
    const project = await backend.createProject();
    await doEverything(project);
    await backend.whenIdle();
    const notices = await noticesOf(project);
    expect(notices.map(({ subject }) => subject)).toEqual([
      'Inactive: Trello connection "Cafe"',
      'Active again: Trello connection "Cafe"',
    ]);
    expect(notices[0]?.text).toMatch(
      /The Trello connection “Café” .* is Inactive since .*2 flows .* are held back/s,
    );
    expect(notices[1]?.text).toMatch(/2 flows that use it can run again: “/);
    for (const { attributes } of notices) {
      expect(attributes).toEqual({ projectId: project.id, provider: 'trello', type: 'status_changed' });
    }
  });

  test('sends no credentials in an event or a notice', async () => {
    const project = await backend.createProject();
    const { secrets } = await doEverything(project);
    const sent = JSON.stringify([await eventsOf(project), await noticesOf(project)]);
    expect(secrets.length).toBeGreaterThan(3);
    for (const secret of secrets) expect(sent).not.toContain(secret);
  });
});

test('a stream that is read again publishes the same events again, and sends no notice again', async () => {
  const project = await backend.createProject();
  await doEverything(project);
  const before = await eventsOf(project);
  expect(await noticesOf(project)).not.toEqual([]);
  const { local, dataDir, errors } = backend;
  await local.close();
  expect(errors).toEqual([]);
  rmSync(join(dataDir, 'sandbox-stream.json'));
  backend = await TestBackend.open(dataDir);
  const after = await eventsOf(project);
  expect(after.map(({ detail }) => detail)).toEqual([...before, ...before].map(({ detail }) => detail));
  expect(new Set(after.map(({ id }) => id)).size).toBe(after.length);
  expect(await noticesOf(project)).toEqual([]);
});

test('an expiry is announced 14, 7 and 1 days ahead, once each', async () => {
  const project = await backend.createProject();
  const end = Math.floor(Date.now() / 1000) * 1000 + 20 * DAY_MS;
  const expiresAt = new Date(end).toISOString();
  const { id, flowId } = await project.connect({ name: 'Board', expiresAt });
  for (const daysAhead of [15, 14, 14, 7, 1]) {
    await backend.runSchedule('announce-expiry', new Date(end - daysAhead * DAY_MS + 60_000).toISOString());
    await sendDigests();
  }
  const expiring = (await eventsOf(project)).filter(({ detail }) => detail.type === 'expiring');
  expect(expiring).toHaveLength(3);
  for (const { detail } of expiring) {
    const flows = { count: 1, items: [{ id: flowId, name: flowId }] };
    expect(detail).toMatchObject({ connectionId: id, to: { expiresAt }, flows, actor: { type: 'system' } });
  }
  const notices = await noticesOf(project);
  expect(notices.map(({ text }) => /in (14 days|7 days|a day)\./.exec(text)?.[1])).toEqual([
    '14 days',
    '7 days',
    'a day',
  ]);
  expect(notices[0]?.text).toContain(`1 flow that uses it will stop then: “${flowId}”.`);
});
