import { describe, expect, test } from 'vitest';
import { eventHandlers } from '../../../shared/contract/background/index.ts';
import {
  composeDigest,
  composeNotice,
  type Notice,
  noticeKind,
} from '../../../shared/domain/notices/compose.ts';
import { HISTORY_TYPES } from '../../../shared/domain/terms.ts';
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

function notice(change: Partial<ConnectionEvent> = {}, providerName = 'Trello', consoleUrl?: string): Notice {
  const composed = composeNotice({ ...base, ...change }, providerName, consoleUrl);
  if (!composed) throw new Error('The event has no notice.');
  return composed;
}

const CONSOLE = 'https://console.example.com';

const flowsOf = (count: number) => ({
  count,
  items: Array.from({ length: Math.min(count, 100) }, (_, index) => ({ id: `${index}`, name: `F${index}` })),
});

describe('the notice of an inactive connection', () => {
  test('has the reason, the time, the affected flows and the remedy', () => {
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
  ] as const)('explains the reason %s', (reason, expected) => {
    expect(notice({ reason }).text).toMatch(expected);
  });

  test('for a new reason has the word “still”', () => {
    expect(notice({ from: { status: 'inactive' } }).text).toContain('is still Inactive, since 3 March 2026');
  });
});

describe('the link', () => {
  const LINK = `Reconnect: ${CONSOLE}/projects/demo/connections?reconnect=con_1`;

  test('opens the reconnect dialog of an inactive or expiring connection in the console', () => {
    expect(notice({}, 'Trello', CONSOLE).text.split('\n\n')).toContain(LINK);
    const expiring = { type: 'expiring', from: {}, to: { expiresAt: '2026-03-17T14:05:00.000Z' } } as const;
    expect(notice(expiring, 'Trello', CONSOLE).text.split('\n\n')).toContain(LINK);
  });

  test('of a digest opens the connections of the project', () => {
    const notices = [notice(), notice()];
    expect(composeDigest('demo', notices, CONSOLE).text).toMatch(
      /\n\nConnections page: https:\/\/console\.example\.com\/projects\/demo\/connections$/,
    );
    expect(composeDigest('demo', notices, undefined).text).not.toContain('Connections page');
  });
});

describe('the flows', () => {
  const paragraph = (count: number) => notice({ flows: flowsOf(count) }).text.split('\n\n')[1];

  test.each([
    [0, 'No flow uses it at the moment.'],
    [1, '1 flow that uses it is held back until it works again: “F0”.'],
    [3, '3 flows that use it are held back until it works again: “F0”, “F1” and “F2”.'],
  ])('are named: %i', (count, expected) => expect(paragraph(count)).toBe(expected));

  test('above ten are summarized by the first ten and the number of others', () => {
    expect(paragraph(10)).toMatch(/“F8” and “F9”\.$/);
    expect(paragraph(11)).toMatch(/“F9” and 1 more\.$/);
    expect(paragraph(12_345)).toMatch(/^12345 flows .*“F0”, .*“F9” and 12335 more\.$/);
  });

  test('without names are left out, and only counted where the number is known', () => {
    const { flows, ...without } = base;
    expect(composeNotice(without, 'Trello', undefined)?.text).not.toMatch(/flow/);
    expect(notice({ flows: { count: 7, items: [] } }).text).toContain('until it works again.\n');
  });
});

test('the notice of a connection that works again has the flows that can run', () => {
  const { reason, ...rest } = base;
  const event = { ...rest, from: { status: 'inactive' }, to: { status: 'active' } } as const;
  const composed = composeNotice(event, 'Trello', CONSOLE);
  expect(composed?.subject).toBe('Active again: Trello connection "Marketing board"');
  expect(composed?.text).toMatch(/works again: it is Active since 3 March 2026, 14:05 UTC\./);
  expect(composed?.text).toContain('2 flows that use it can run again: “Cards” and “Mail”.');
  expect(composed?.text).not.toContain(CONSOLE);
});

describe('the notice of expiring credentials', () => {
  const expiring = (expiresAt: string) => notice({ type: 'expiring', from: {}, to: { expiresAt } });

  test.each([
    ['2026-03-17T14:05:00.000Z', 'end on 17 March 2026, 14:05 UTC, in 14 days.', 'Ends on 17 March 2026: '],
    ['2026-03-04T14:05:00.000Z', 'end on 4 March 2026, 14:05 UTC, in a day.', 'Ends on 4 March 2026: '],
    ['2026-03-03T15:00:00.000Z', 'end on 3 March 2026, 15:00 UTC, within a day.', 'Ends on 3 March 2026: '],
  ])('has the end %s and the time left', (at, expected, subject) => {
    const [first] = expiring(at).text.split('\n\n');
    expect(first).toBe(
      `The credentials of the Trello connection “Marketing board” of project demo ${expected}`,
    );
    expect(expiring(at).text).toContain('2 flows that use it will stop then: “Cards” and “Mail”.');
    expect(expiring(at).subject).toContain(subject);
  });
});

test.each([
  [50, undefined],
  [51, '1 more connections changed; see the connections page of the project.'],
])('a digest of %d notices describes 50, and counts those after them', (count, more) => {
  const notices = Array.from({ length: count }, (_, index) => notice({ eventId: `event-${index}` }));
  const paragraphs = composeDigest('demo', notices, undefined).text.split('\n\n');
  expect(paragraphs.filter((paragraph) => paragraph.startsWith('- '))).toHaveLength(50);
  expect(paragraphs.slice(51)).toEqual(more === undefined ? [] : [more]);
});

test.each(HISTORY_TYPES)('an event %s has a notice if the notify function receives it', (type) => {
  const received = new Set<string>(eventHandlers.notify.pattern['detail-type']);
  const composed = composeNotice({ ...base, type }, 'Trello', undefined);
  expect(composed !== null).toBe(received.has(`connection.${type}`));
});

test.each([
  ['inactive', 'status_changed', { status: 'inactive' }],
  ['active_again', 'status_changed', { status: 'active' }],
  ['expiring', 'expiring', { expiresAt: '2026-03-10T14:05:59.000Z' }],
  [null, 'renamed', { name: 'Cards' }],
] as const)('the kind %s is that of the event %s', (kind, type, to) => {
  expect(noticeKind({ type, to })).toBe(kind);
});

describe('names', () => {
  test.each([
    ['Café Zürich', 'Inactive: Trello connection "Cafe Zurich"'],
    ['宣伝', 'Inactive: Trello connection of project demo'],
    ['😀', 'Inactive: Trello connection of project demo'],
    ['a\r\nBcc: b\u2028c', 'Inactive: Trello connection "a Bcc: b c"'],
  ])('such as %j are written in the subject in ASCII', (name, subject) =>
    expect(notice({ name }).subject).toBe(subject),
  );

  test('make subjects that SNS accepts', () => {
    const names = [
      'x'.repeat(128),
      '😀'.repeat(128),
      '\u0000\u0007',
      '\u202egnp',
      `${'y'.repeat(60)}é`.repeat(2),
    ];
    for (const name of names) {
      for (const provider of ['Trello', 'Größe', '微博', 'z'.repeat(400)]) {
        expect(notice({ name }, provider).subject).toMatch(/^[A-Z][\x20-\x7e]{10,98}$/);
      }
    }
  });

  test('keep their letters, without line breaks and bidirectional controls', () => {
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
