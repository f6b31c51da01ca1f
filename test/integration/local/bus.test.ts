import { PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Target } from '../../../local/bus/delivery.ts';
import { startBus } from '../../../local/bus/server.ts';
import { TestBus } from '../../harness/event-bus.ts';

const entry = (change: PutEventsRequestEntry = {}): PutEventsRequestEntry => ({
  EventBusName: 'connections',
  Source: 'test',
  DetailType: 'thing.happened',
  Detail: '{"a":1}',
  ...change,
});

const putTo = (bus: TestBus, ...Entries: PutEventsRequestEntry[]) =>
  bus.client().send(new PutEventsCommand({ Entries }));

describe('PutEvents', () => {
  let bus: TestBus;
  beforeEach(async () => {
    bus = await TestBus.open();
  });
  afterEach(() => bus.close());
  const put = (...entries: PutEventsRequestEntry[]) => putTo(bus, ...entries);

  test('accepts events in order, and responds with the ids that rules see', async () => {
    const { FailedEntryCount, Entries = [] } = await put(
      entry({ Time: new Date('2026-03-03T14:05:59.123Z') }),
      entry({ Detail: '{"b":[null]}' }),
    );
    expect(FailedEntryCount).toBe(0);
    expect(bus.bus.events()).toEqual([
      {
        version: '0',
        id: Entries[0]?.EventId,
        'detail-type': 'thing.happened',
        source: 'test',
        account: '000000000000',
        time: '2026-03-03T14:05:59Z',
        region: 'eu-west-1',
        resources: [],
        detail: { a: 1 },
      },
      expect.objectContaining({ id: Entries[1]?.EventId, detail: { b: [null] } }),
    ]);
  });

  test.each([
    [{ Source: undefined }, 'InvalidArgument'],
    [{ DetailType: '' }, 'InvalidArgument'],
    [{ Detail: undefined }, 'InvalidArgument'],
    [{ Detail: '{' }, 'MalformedDetail'],
    [{ Detail: '[1]' }, 'MalformedDetail'],
  ])('refuses an entry alone: %j', async (change, ErrorCode) => {
    const { FailedEntryCount, Entries } = await put(entry(), entry(change), entry());
    expect(FailedEntryCount).toBe(1);
    expect(Entries?.map((result) => result.ErrorCode)).toEqual([undefined, ErrorCode, undefined]);
    expect(bus.bus.events()).toHaveLength(2);
  });

  test('refuses a request without entries, with more than ten, and of 256 KB', async () => {
    const around = 'test'.length + 'thing.happened'.length + '{"a":""}'.length;
    const large = (bytes: number) => entry({ Detail: JSON.stringify({ a: 'x'.repeat(bytes - around) }) });
    for (const entries of [[], Array.from({ length: 11 }, () => entry()), [large(262_144)]]) {
      await expect(put(...entries)).rejects.toMatchObject({ name: 'ValidationException' });
    }
    expect(bus.bus.events()).toEqual([]);
    await put(large(262_143));
    expect(bus.bus.events()).toHaveLength(1);
  });

  test('drops events for another bus without an error', async () => {
    const { FailedEntryCount } = await put(
      entry({ EventBusName: 'other' }),
      entry({ EventBusName: undefined }),
    );
    await put(entry({ EventBusName: 'arn:aws:events:eu-west-1:000000000000:event-bus/connections' }));
    expect([FailedEntryCount, bus.bus.events().length]).toEqual([0, 1]);
  });

  test('records events in a file, so that they are listed after a restart', async () => {
    await put(entry(), entry());
    const again = await startBus({ name: 'connections', dataFile: bus.dataFile });
    expect(again.events()).toEqual(bus.bus.events());
    await again.close();
  });
});

describe('delivery', () => {
  const target = (name: string, type: string, invoke: Target['invoke']): Target => ({
    name,
    pattern: { source: ['test'], 'detail-type': [type] },
    invoke,
  });
  const open = async (...targets: Target[]) => {
    const errors: unknown[] = [];
    const bus = await TestBus.open({ targets, onError: (name, error) => errors.push([name, error]) });
    onTestFinished(() => bus.close());
    return { bus, delivery: bus.bus.delivery, errors };
  };

  test('passes an event to each target that it matches, in order', async () => {
    const seen: unknown[] = [];
    const { bus, delivery } = await open(
      target('first', 'thing.happened', async (event) => seen.push(['first', event])),
      target('second', 'thing.ended', async (event) => seen.push(['second', event])),
    );
    await putTo(bus, entry(), entry({ DetailType: 'thing.ended' }), entry({ Source: 'strange' }));
    await delivery.whenIdle();
    const [happened, ended] = bus.bus.events();
    expect(seen).toEqual([
      ['first', happened],
      ['second', ended],
    ]);
    expect(delivery.isComplete).toBe(true);
  });

  test('retries a target that fails after one and two minutes, holding up no other, then drops the event', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const seen: unknown[] = [];
    const { bus, delivery, errors } = await open(
      target('broken', 'thing.happened', () => Promise.reject(new Error('broken'))),
      target('working', 'thing.happened', async () => seen.push('working')),
    );
    await putTo(bus, entry());
    await delivery.whenIdle();
    expect(seen).toEqual(['working']);
    for (const [waited, attempts, isComplete] of [
      [0, 1, false],
      [60_000, 2, false],
      [120_000, 3, true],
    ] as const) {
      await vi.advanceTimersByTimeAsync(waited);
      expect([errors.length, delivery.isComplete]).toEqual([attempts, isComplete]);
    }
    expect(errors[0]).toEqual(['broken', new Error('broken')]);
  });
});
