import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Project, TestBackend } from '../../harness/backend.ts';
import { parseEvents } from '../../harness/event-bus.ts';

let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.open();
});
afterAll(() => backend.close());

const DAY_MS = 24 * 60 * 60 * 1000;

/** Returns the events of a project, oldest first. */
async function eventsOf({ id }: Project) {
  await backend.whenIdle();
  const response = await fetch(`${backend.session.apiUrl}/local/events`);
  const body: unknown = await response.json();
  const { items } = Object(body);
  return parseEvents(items).filter(({ detail }) => detail.projectId === id);
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

/** A connection's life: everything that can happen to it but its coming end. */
async function live(project: Project) {
  const made = await project.connect({ name: 'Board' });
  const { id } = made;
  await project.request('PATCH', `/connections/${id}`, { body: { name: 'Café' } });
  const other = await project.createFlow();
  await project.link(other, 'second', made);
  const wrong = await backend.sandbox.accept('trello');
  await backend.sandbox.revoke(wrong.id);
  await project.request('POST', `/connections/${id}/reconnect`, { body: { credentials: wrong.credentials } });
  await project.revokeAndCheck(made);
  const fresh = await backend.sandbox.accept('trello');
  const body = { credentials: fresh.credentials, allowAccountChange: true };
  expect((await project.request('POST', `/connections/${id}/reconnect`, { body })).status).toBe(200);
  await project.unlink(other, 'second');
  await project.unlink(made.flowId, made.stepId);
  const secrets = [made.credentials, wrong.credentials, fresh.credentials];
  return { id, flows: [made.flowId, other], secrets: secrets.flatMap((fields) => Object.values(fields)) };
}

const LIFE = [
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
  test('is one event for each entry of the history, in order', async () => {
    const project = await backend.createProject();
    const { id, flows } = await live(project);
    const events = await eventsOf(project);
    expect(events.map((event) => event['detail-type'])).toEqual(LIFE.map((type) => `connection.${type}`));
    const { items } = await project.history(id, { limit: '100' });
    const published = events.map(({ detail }) => {
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
    expect(published).toEqual(items.toReversed());
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

  test('sends one notice of each change of status, to the topic alone', async () => {
    const project = await backend.createProject();
    await live(project);
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

  test('puts no credential in an event or a notice', async () => {
    const project = await backend.createProject();
    const { secrets } = await live(project);
    const text = JSON.stringify([await eventsOf(project), await noticesOf(project)]);
    expect(secrets.length).toBeGreaterThan(3);
    for (const secret of secrets) expect(text).not.toContain(secret);
  });
});

test('a stream that is delivered again publishes the same events, and no notice twice', async () => {
  const project = await backend.createProject();
  await live(project);
  const before = await eventsOf(project);
  const notices = await noticesOf(project);
  rmSync(join(backend.dataDir, 'sandbox-stream.json'));
  const after = await eventsOf(project);
  expect(after.map(({ detail }) => detail)).toEqual([...before, ...before].map(({ detail }) => detail));
  expect(new Set(after.map(({ id }) => id)).size).toBe(after.length);
  expect(await noticesOf(project)).toEqual(notices);
});

test('the expiry of credentials is announced 14, 7 and 1 days ahead, once each', async () => {
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
