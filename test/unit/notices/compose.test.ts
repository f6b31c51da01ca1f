import { describe, expect, test } from 'vitest';
import { composeNotice } from '../../../shared/domain/notices/compose.ts';
import type { Notice } from '../../../shared/domain/notices/notice.ts';
import type { ConnectionEvent } from '../../../shared/messages/connection-event.ts';

const base: ConnectionEvent = {
  eventId: 'event-1',
  projectId: 'demo',
  connectionId: 'con_1',
  provider: 'trello',
  name: 'Marketing board',
  type: 'status_changed',
  at: '2026-03-03T14:05:59.000Z',
  actor: { type: 'system' },
  correlationId: 'request',
  from: { status: 'active' },
  to: { status: 'inactive' },
  reason: 'access_revoked',
  flows: {
    count: 2,
    items: [
      { id: '1', name: 'Cards' },
      { id: '2', name: 'Mail' },
    ],
  },
};

function notice(change: Partial<ConnectionEvent> = {}, providerName = 'Trello'): Notice {
  const composed = composeNotice({ ...base, ...change }, providerName);
  if (!composed) throw new Error('Nobody would be told.');
  return composed;
}

const flowsOf = (count: number) => ({
  count,
  items: Array.from({ length: Math.min(count, 100) }, (_, index) => ({ id: `${index}`, name: `F${index}` })),
});

describe('a connection that stopped', () => {
  test('is told with why, since when, what is held back and what to do', () => {
    expect(notice()).toEqual({
      eventId: 'event-1',
      projectId: 'demo',
      provider: 'trello',
      type: 'status_changed',
      subject: 'Inactive: Trello connection "Marketing board"',
      text: [
        'The Trello connection “Marketing board” of project demo is Inactive since 3 March 2026, 14:05 UTC. Trello refuses its credentials: they were revoked, changed or removed there.',
        '2 flows that use it are held back until it works again: “Cards” and “Mail”.',
        'What to do: have an administrator of the project reconnect the connection with credentials that Trello accepts.',
        'Connection con_1, event event-1.',
      ].join('\n\n'),
    });
  });

  test.each([
    ['credentials_expired', /Its credentials have expired\..*make new credentials at Trello/s],
    ['access_changed', /no longer allows.*turns the connection Active by itself/s],
    ['provider_unavailable', /Trello refuses it\..*reconnect the connection/s],
  ] as const)('for the reason %s', (reason, words) => {
    expect(notice({ reason }).text).toMatch(words);
  });

  test('for another reason than before is not told as new', () => {
    expect(notice({ from: { status: 'inactive' } }).text).toContain('is still Inactive, since 3 March 2026');
  });
});

describe('the flows', () => {
  const middle = (count: number) => notice({ flows: flowsOf(count) }).text.split('\n\n')[1];

  test.each([
    [0, 'No flow uses it at the moment.'],
    [1, '1 flow that uses it is held back until it works again: “F0”.'],
    [3, '3 flows that use it are held back until it works again: “F0”, “F1” and “F2”.'],
  ])('are told: %i', (count, words) => expect(middle(count)).toBe(words));

  test('that are many are told by the first ten and their number', () => {
    expect(middle(10)).toMatch(/“F8” and “F9”\.$/);
    expect(middle(11)).toMatch(/“F9” and 1 more\.$/);
    expect(middle(12_345)).toMatch(/^12345 flows .*“F0”, .*“F9” and 12335 more\.$/);
  });

  test('that nobody counted are not made up', () => {
    const { flows, ...without } = base;
    expect(composeNotice(without, 'Trello')?.text).not.toMatch(/flow/);
    expect(notice({ flows: { count: 7, items: [] } }).text).toContain('until it works again.\n');
  });
});

test('a connection that works again is told with the flows that can run', () => {
  const { reason, ...rest } = base;
  const event = { ...rest, from: { status: 'inactive' }, to: { status: 'active' } } as const;
  const told = composeNotice(event, 'Trello');
  expect(told?.subject).toBe('Active again: Trello connection "Marketing board"');
  expect(told?.text).toMatch(/works again: it is Active since 3 March 2026, 14:05 UTC\./);
  expect(told?.text).toContain('2 flows that use it can run again: “Cards” and “Mail”.');
});

describe('credentials that are about to end', () => {
  const expiring = (expiresAt: string) => notice({ type: 'expiring', from: {}, to: { expiresAt } });

  test.each([
    ['2026-03-17T14:05:00.000Z', 'end on 17 March 2026, 14:05 UTC, in 14 days.', 'Ends on 17 March 2026: '],
    ['2026-03-04T14:05:00.000Z', 'end on 4 March 2026, 14:05 UTC, in a day.', 'Ends on 4 March 2026: '],
    ['2026-03-03T15:00:00.000Z', 'end on 3 March 2026, 15:00 UTC, within a day.', 'Ends on 3 March 2026: '],
  ])('on %s', (at, words, subject) => {
    expect(expiring(at).text).toContain(words);
    expect(expiring(at).text).toContain('2 flows that use it will stop then: “Cards” and “Mail”.');
    expect(expiring(at).subject).toContain(subject);
  });
});

test.each([
  'created',
  'renamed',
  'reconnected',
  'reconnect_failed',
  'linked',
  'unlinked',
  'disconnected',
] as const)('nobody has to be told of %s', (type) =>
  expect(composeNotice({ ...base, type }, 'Trello')).toBeNull(),
);

describe('names', () => {
  test.each([
    ['Café Zürich', 'Inactive: Trello connection "Cafe Zurich"'],
    ['宣伝', 'Inactive: Trello connection of project demo'],
    ['😀', 'Inactive: Trello connection of project demo'],
    ['a\r\nBcc: b\u2028c', 'Inactive: Trello connection "a Bcc: b c"'],
  ])('%j in the subject', (name, subject) => expect(notice({ name }).subject).toBe(subject));

  test('never make a subject that SNS refuses', () => {
    const names = [
      'x'.repeat(128),
      '😀'.repeat(128),
      '\u0000\u0007',
      '\u202egnp',
      `${'y'.repeat(60)}é`.repeat(2),
    ];
    for (const name of names) {
      for (const it of ['Trello', 'Größe', '微博', 'z'.repeat(400)]) {
        expect(notice({ name }, it).subject).toMatch(/^[A-Z][\x20-\x7e]{10,98}$/);
      }
    }
  });

  test('break no line, turn no direction, and lose no letter', () => {
    const items = ['宣伝', 'שלום', 'a\u202eb\u2066c', 'x\ny\u2029z', '👩🏽‍🚀'].map((name, id) => ({
      id: `${id}`,
      name,
    }));
    const { text } = notice({ flows: { count: 5, items } });
    expect(text).toContain('“宣伝”, “\u2068שלום\u2069”, “abc”, “x y z” and “👩🏽‍🚀”.');
    expect(text.split('\n\n')).toHaveLength(4);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
  });
});
