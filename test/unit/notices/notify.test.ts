import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { Message } from '../../../shared/domain/notices/compose.ts';
import { type NoticeCollector, notifySubscribers } from '../../../shared/domain/notices/notify.ts';
import type { ConnectionEvent } from '../../../shared/messages/connection-event.ts';

const EVENT: ConnectionEvent = {
  eventId: 'entry',
  projectId: 'demo',
  connectionId: 'con_1',
  provider: 'gone-provider',
  name: 'Board',
  type: 'status_changed',
  at: '2026-03-03T14:05:59.000Z',
  actor: { type: 'system' },
  from: { status: 'active' },
  to: { status: 'inactive' },
  reason: 'access_revoked',
  flows: { count: 1, items: [{ id: '1', name: 'Cards' }] },
};

/** Notifies of the event, beside windows that answer as `collector` says. */
async function notify(collector: Pick<NoticeCollector, 'openWindow' | 'add'>) {
  const sent: Message[] = [];
  const unused = () => Promise.reject(new Error('not called'));
  await notifySubscribers(EVENT, {
    clock: { now: () => new Date('2026-03-03T14:06:00.000Z') },
    ids: { next: () => 'id' },
    correlationId: 'request',
    backoff: () => Promise.resolve(),
    catalog: { summary: () => undefined },
    notifier: { consoleUrl: undefined, send: async (message) => void sent.push(message) },
    notices: {
      ...collector,
      endedWindows: () => Readable.from([]),
      collected: unused,
      removeSent: unused,
      closeWindow: unused,
    },
    idempotency: {
      acquire: async (record) => record,
      complete: () => Promise.resolve(),
      release: () => Promise.resolve(),
    },
  });
  return sent;
}

test('a notice names a provider that left the catalog by its id', async () => {
  const [message] = await notify({ openWindow: async () => true, add: async () => false });
  expect(message?.text).toContain('gone-provider');
});

test('a notice whose window closed before it was added opens the next one', async () => {
  const opened = [false, true];
  const added: string[] = [];
  const sent = await notify({
    openWindow: async () => opened.shift() ?? false,
    add: async ({ eventId }) => {
      added.push(eventId);
      return false;
    },
  });
  expect([added, sent.length]).toEqual([['entry'], 1]);
});

test('a notice that an open window took is not sent by itself', async () => {
  expect(await notify({ openWindow: async () => false, add: async () => true })).toEqual([]);
});
