import { describe, expect, test } from 'vitest';
import { entryOf, inRequests } from '../../../shared/adapters/aws/bus/batches.ts';
import { eventOf } from '../../../shared/domain/connections/event.ts';
import type { HistoryChange, HistoryEntry } from '../../../shared/domain/connections/history.ts';
import { connectionEvent } from '../../../shared/messages/connection-event.ts';

const entry = (change: HistoryChange): HistoryEntry => ({
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
const HAPPENINGS: readonly HistoryChange[] = [
  { type: 'created', to: { name: 'Board' } },
  { type: 'renamed', from: { name: 'Old' }, to: { name: 'Board' } },
  { type: 'reconnected', from: { account: 'a' }, to: { account: 'b' } },
  { type: 'reconnect_failed', reason: 'account_mismatch' },
  {
    type: 'status_changed',
    from: { status: 'active' },
    to: { status: 'inactive' },
    reason: 'access_revoked',
    flows,
  },
  { type: 'expiring', to: { expiresAt: '2026-11-30T00:00:00.000Z' }, flows },
  { type: 'linked', to: { flowId: 'f', stepId: 's' } },
  { type: 'unlinked', from: { flowId: 'f', stepId: 's' } },
  { type: 'disconnected' },
];

describe('the event of a history entry', () => {
  test.each(HAPPENINGS)('$type tells all of the entry under the entry’s id', (change) => {
    const event = eventOf(entry(change));
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

  test('holds nothing that is not told of a connection', () => {
    const stray = { secretVersion: 'x', actor: { type: 'user', id: 'ada', token: 'x' } } as const;
    const event = eventOf({ ...entry({ type: 'created' }), ...stray });
    expect(JSON.stringify(event)).not.toContain('"x"');
  });
});

describe('requests of PutEvents', () => {
  const indexed = (detail: string, count: number) =>
    Array.from({ length: count }, (_, place) => ({
      place,
      entry: { Source: 's', DetailType: 'd', Detail: detail },
    }));
  const sizes = (detail: string, count: number) =>
    inRequests(indexed(detail, count)).map(({ length }) => length);

  test('hold ten entries and less than 256 KB, in order', () => {
    expect(sizes('{}', 23)).toEqual([10, 10, 3]);
    // 16 bytes beside the detail: two of these are one byte too many, and of the next exactly as many as may be.
    expect(sizes('x'.repeat(131_072 - 16), 3)).toEqual([1, 1, 1]);
    expect(sizes(`${'x'.repeat(131_071 - 16)}`, 3)).toEqual([2, 1]);
    expect(sizes('é'.repeat(131_072), 2)).toEqual([1, 1]);
    const order = inRequests(indexed('{}', 23))
      .flat()
      .map(({ place }) => place);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  test('take the largest event that there can be', () => {
    const longest = '\\'.repeat(64) + '😀'.repeat(64);
    const items = Array.from({ length: 100 }, () => ({ id: 'f'.repeat(128), name: longest }));
    const event = eventOf({
      ...entry({ type: 'expiring', flows: { count: 1_000_000, items } }),
      name: longest,
    });
    const { Detail = '' } = entryOf(event, 'bus');
    expect(Buffer.byteLength(Detail)).toBeLessThan(262_144 / 3);
  });
});
