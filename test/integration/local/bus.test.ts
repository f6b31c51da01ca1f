import { PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startBus } from '../../../local/bus/server.ts';
import { TestBus } from '../../fixtures/bus.ts';

let bus: TestBus;
let faults: unknown[];
beforeEach(async () => {
  faults = [];
  bus = await TestBus.open((_, error) => faults.push(error));
});
afterEach(() => bus.close());

const entry = (change: PutEventsRequestEntry = {}): PutEventsRequestEntry => ({
  EventBusName: 'connections',
  Source: 'test',
  DetailType: 'thing.happened',
  Detail: '{"a":1}',
  ...change,
});

const put = (...Entries: PutEventsRequestEntry[]) => bus.client().send(new PutEventsCommand({ Entries }));

describe('PutEvents', () => {
  test('takes events, in order, and answers each with the id that rules see', async () => {
    const { FailedEntryCount, Entries = [] } = await put(
      entry({ Time: new Date('2026-03-03T14:05:59.123Z') }),
      entry({ Detail: '{"b":[null]}', Resources: ['arn'] }),
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
      expect.objectContaining({ id: Entries[1]?.EventId, detail: { b: [null] }, resources: ['arn'] }),
    ]);
  });

  test.each([
    [{ Source: undefined }, 'InvalidArgument'],
    [{ DetailType: '' }, 'InvalidArgument'],
    [{ Detail: undefined }, 'InvalidArgument'],
    [{ Detail: '{' }, 'MalformedDetail'],
    [{ Detail: '[1]' }, 'MalformedDetail'],
    [{ Source: 'aws.s3' }, 'NotAuthorizedForSourceException'],
  ])('refuses an entry alone: %j', async (change, ErrorCode) => {
    const { FailedEntryCount, Entries } = await put(entry(), entry(change), entry());
    expect(FailedEntryCount).toBe(1);
    expect(Entries?.map((result) => result.ErrorCode)).toEqual([undefined, ErrorCode, undefined]);
    expect(bus.bus.events()).toHaveLength(2);
  });

  test('refuses a request without entries, with more than ten, and of 256 KB', async () => {
    const large = (bytes: number) => entry({ Detail: detailOf(bytes) });
    await expect(put()).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(put(...Array.from({ length: 11 }, () => entry()))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('less than or equal to 10'),
    });
    await expect(put(large(262_144))).rejects.toMatchObject({ name: 'ValidationException' });
    expect(bus.bus.events()).toEqual([]);
    await put(large(262_143));
    expect(bus.bus.events()).toHaveLength(1);
  });

  test('drops what is for another bus, without a word', async () => {
    const { FailedEntryCount } = await put(
      entry({ EventBusName: 'other' }),
      entry({ EventBusName: undefined }),
    );
    await put(entry({ EventBusName: 'arn:aws:events:eu-west-1:000000000000:event-bus/connections' }));
    expect([FailedEntryCount, bus.bus.events().length]).toEqual([0, 1]);
  });

  test('is refused unsigned, and nothing else is served', async () => {
    const post = (headers: Record<string, string>) =>
      fetch(bus.bus.url, {
        method: 'POST',
        headers: { 'x-amz-target': 'AWSEvents.PutEvents', ...headers },
        body: '{}',
      });
    expect((await post({})).status).toBe(403);
    const signed = { authorization: 'AWS4-HMAC-SHA256 Credential=a/20260303/eu-west-1/events/aws4_request' };
    const other = await post({ ...signed, 'x-amz-target': 'AWSEvents.ListRules' });
    expect([other.status, await other.json()]).toMatchObject([400, { __type: 'UnknownOperationException' }]);
  });
});

describe('rules', () => {
  const target = (name: string, type: string, invoke: (envelope: unknown) => Promise<unknown>) => ({
    name,
    pattern: { source: ['test'], 'detail-type': [type] },
    invoke,
  });

  test('send an event to each target that it fits, in order', async () => {
    const seen: unknown[] = [];
    bus.bus.deliverTo([
      target('first', 'thing.happened', async (envelope) => seen.push(['first', envelope])),
      target('second', 'thing.ended', async (envelope) => seen.push(['second', envelope])),
    ]);
    await put(entry(), entry({ DetailType: 'thing.ended' }), entry({ Source: 'strange' }));
    await bus.bus.drain();
    const [happened, ended] = bus.bus.events();
    expect(seen).toEqual([
      ['first', happened],
      ['second', ended],
    ]);
  });

  test('hold nothing up behind a target that fails', async () => {
    const seen: unknown[] = [];
    bus.bus.deliverTo([
      target('broken', 'thing.happened', () => Promise.reject(new Error('broken'))),
      target('sound', 'thing.happened', async () => seen.push('sound')),
    ]);
    await put(entry());
    await bus.bus.drain();
    expect(seen).toEqual(['sound']);
    expect(faults).toEqual([new Error('broken')]);
  });

  test('go on after a restart with what was not delivered, and not with what was', async () => {
    const stuck = Promise.withResolvers<void>();
    bus.bus.deliverTo([
      target('done', 'thing.happened', async () => undefined),
      target('cut short', 'thing.ended', () => stuck.promise),
    ]);
    await put(entry(), entry({ DetailType: 'thing.ended' }));
    const seen: string[] = [];
    const again = await startBus({ name: 'connections', dataFile: bus.dataFile, onError: () => undefined });
    again.deliverTo([
      target('done', 'thing.happened', async () => seen.push('done')),
      target('cut short', 'thing.ended', async () => seen.push('cut short')),
    ]);
    await again.drain();
    expect(seen).toEqual(['cut short']);
    expect(again.events()).toEqual(bus.bus.events());
    await again.close();
    stuck.resolve();
  });
});

/** JSON of an object, so long that an entry of it counts for so many bytes. */
function detailOf(bytes: number): string {
  const around = 'test'.length + 'thing.happened'.length + '{"a":""}'.length;
  return JSON.stringify({ a: 'x'.repeat(bytes - around) });
}
