import { describe, expect, test } from 'vitest';
import { toRequests } from '../../../shared/adapters/aws/bus/event-bus.ts';
import { toEvent } from '../../../shared/domain/events/relay.ts';
import type { HistoryChange, HistoryEntry } from '../../../shared/domain/model/history.ts';
import { HISTORY_TYPES, type HistoryType } from '../../../shared/domain/terms.ts';
import { connectionEvent } from '../../../shared/messages/connection-event.ts';

const entryOf = (change: HistoryChange): HistoryEntry => ({
  id: '01a207bd-07f9-70ac-aa4c-bea363e83598',
  projectId: 'demo',
  connectionId: 'con_01a207bd-07e7-73b5-9990-496af12bf190',
  providerId: 'trello',
  name: 'Board',
  at: '2026-11-23T09:29:18.585Z',
  actor: { type: 'user', id: 'ada' },
  correlationId: 'request',
  ...change,
});

const flows = { count: 2, items: [{ id: 'a', name: 'A' }] };
const CHANGES: Readonly<Record<HistoryType, Omit<HistoryChange, 'type'>>> = {
  created: { to: { name: 'Board' } },
  renamed: { from: { name: 'Old' }, to: { name: 'Board' } },
  reconnected: { from: { account: 'a' }, to: { account: 'b' } },
  reconnect_failed: { reason: 'account_mismatch' },
  status_changed: {
    from: { status: 'active' },
    to: { status: 'inactive' },
    reason: 'access_revoked',
    flows,
  },
  expiring: { to: { expiresAt: '2026-11-30T00:00:00.000Z' }, flows },
  linked: { to: { flowId: 'f', stepId: 's' } },
  unlinked: { from: { flowId: 'f', stepId: 's' } },
  disconnected: {},
};

describe('the event of a history entry', () => {
  test.each(HISTORY_TYPES)('%s has every field of the entry, and its id', (type) => {
    const change = { type, ...CHANGES[type] };
    const event = toEvent(entryOf(change));
    expect(event).toEqual({
      eventId: '01a207bd-07f9-70ac-aa4c-bea363e83598',
      projectId: 'demo',
      connectionId: 'con_01a207bd-07e7-73b5-9990-496af12bf190',
      provider: 'trello',
      name: 'Board',
      at: '2026-11-23T09:29:18.585Z',
      actor: { type: 'user', id: 'ada' },
      correlationId: 'request',
      ...change,
    });
    expect(connectionEvent.parse(JSON.parse(JSON.stringify(event)))).toEqual(event);
  });

  test('has no undeclared field', () => {
    const undeclared = { credentialsVersion: 'x', actor: { type: 'user', id: 'ada', token: 'x' } } as const;
    const event = toEvent({ ...entryOf({ type: 'created' }), ...undeclared });
    expect(JSON.stringify(event)).not.toContain('"x"');
  });

  test('has a third of the maximum size of an event at most', () => {
    const longest = '\\'.repeat(64) + '😀'.repeat(64);
    const items = Array.from({ length: 100 }, () => ({ id: 'f'.repeat(128), name: longest }));
    const event = toEvent({
      ...entryOf({ type: 'expiring', flows: { count: 1_000_000, items } }),
      name: longest,
    });
    expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(262_144 / 3);
  });
});

describe('requests of PutEvents', () => {
  const entries = (detail: string, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      index,
      entry: { Source: 's', DetailType: 'd', Detail: detail },
    }));
  const requestLengths = (detail: string, count: number) =>
    toRequests(entries(detail, count)).map(({ length }) => length);

  test('have ten entries and less than 256 KB at most', () => {
    expect(requestLengths('{}', 23)).toEqual([10, 10, 3]);
    // An entry has 16 bytes besides its detail: two of the first exceed the limit by a byte, two of the next meet it.
    expect(requestLengths('x'.repeat(131_072 - 16), 3)).toEqual([1, 1, 1]);
    expect(requestLengths('x'.repeat(131_071 - 16), 3)).toEqual([2, 1]);
    expect(requestLengths('é'.repeat(131_072), 2)).toEqual([1, 1]);
  });

  test('keep the order of the entries', () => {
    const order = toRequests(entries('{}', 23)).flatMap((request) => request.map(({ index }) => index));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });
});
