import type { DynamoDBRecord } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lambdaContext } from '../../../local/lambda.ts';
import { feed } from '../../../local/streams/subscribers.ts';
import { eventBus } from '../../../shared/adapters/aws/bus/event-bus.ts';
import { insertedEntry } from '../../../shared/adapters/aws/table/stream-records.ts';
import { streamWorkers } from '../../../shared/contract/background/index.ts';
import { relayEntries } from '../../../shared/domain/events/relay.ts';
import { onStreamBatch } from '../../../shared/runtime/background/stream.ts';
import { TestBus } from '../../harness/event-bus.ts';

let bus: TestBus;
beforeEach(async () => {
  bus = await TestBus.open();
});
afterEach(() => bus.close());

/** Returns the stream record of a history entry as Lambda receives it. */
function record(index: number, change: Record<string, unknown> = {}): DynamoDBRecord {
  const strings = {
    id: `entry-${index}`,
    projectId: 'demo',
    connectionId: 'con_1',
    providerId: 'trello',
    name: 'B',
    correlationId: 'request',
  };
  const NewImage = {
    ...Object.fromEntries(Object.entries(strings).map(([name, S]) => [name, { S }])),
    type: { S: 'status_changed' },
    at: { S: '2026-03-03T14:05:59.000Z' },
    actor: { M: { type: { S: 'system' } } },
    flows: { M: { count: { N: '1' }, items: { L: [{ M: { id: { S: 'f' }, name: { S: 'F' } } }] } } },
    ...change,
  };
  return JSON.parse(
    JSON.stringify({ eventName: 'INSERT', dynamodb: { SequenceNumber: `${index}`, NewImage } }),
  );
}

const records = (count: number) => Array.from({ length: count }, (_, index) => record(index));

/** The relay with its ports replaced by those of the test. */
function worker(client = bus.client()) {
  const handler = onStreamBatch(
    streamWorkers.relayEvents,
    { parse: insertedEntry, handle: relayEntries },
    {
      'events:publish': () => ({
        eventBus: eventBus({ client, name: 'connections' }, { backoff: async () => undefined }),
      }),
    },
  );
  const iam = { accessKeyId: 'a', secretAccessKey: 'b', region: 'eu-west-1', userArn: 'arn' };
  return (batch: readonly DynamoDBRecord[]) =>
    handler({ Records: [...batch] }, lambdaContext('streams/relay-events', iam, 60_000));
}

const failuresOf = (sequenceNumbers: readonly string[]) => ({
  batchItemFailures: sequenceNumbers.map((itemIdentifier) => ({ itemIdentifier })),
});

describe('the relay of history entries', () => {
  test('publishes one event for each entry of a batch', async () => {
    expect(await worker()(records(12))).toEqual(failuresOf([]));
    const details = bus.events();
    expect(details.map(({ eventId }) => eventId)).toEqual(records(12).map((_, index) => `entry-${index}`));
    expect(details[0]).toEqual({
      eventId: 'entry-0',
      correlationId: 'request',
      projectId: 'demo',
      connectionId: 'con_1',
      provider: 'trello',
      name: 'B',
      type: 'status_changed',
      at: '2026-03-03T14:05:59.000Z',
      actor: { type: 'system' },
      flows: { count: 1, items: [{ id: 'f', name: 'F' }] },
    });
  });

  test.each([
    ['an unknown type', { type: { S: 'exploded' } }],
    ['a missing member', { projectId: undefined }],
    ['invalid DynamoDB JSON', { name: 'B' }],
  ])('fails only the record with %s', async (_, change) => {
    const batch = [record(0), record(1, change), record(2)];
    expect(await worker()(batch)).toEqual(failuresOf(['1']));
    expect(bus.events().map(({ eventId }) => eventId)).toEqual(['entry-0', 'entry-2']);
  });

  test('reports all failed records in order, whatever the reason', async () => {
    const client = bus.client();
    client.middlewareStack.add(() => () => Promise.reject(new Error('out of reach')), { step: 'initialize' });
    const batch = [record(0), record(1, { type: { S: 'exploded' } }), record(2)];
    expect(await worker(client)(batch)).toEqual(failuresOf(['0', '1', '2']));
  });

  test('continues after a record that Lambda gives up, and loses no other', async () => {
    const givenUp: DynamoDBRecord[] = [];
    const batch = [record(0), record(1, { type: { S: 'exploded' } }), record(2), record(3)];
    await feed(worker(), batch, (one) => givenUp.push(one));
    expect(givenUp).toEqual([batch[1]]);
    const published = bus.events().map(({ eventId }) => eventId);
    expect(new Set(published)).toEqual(new Set(['entry-0', 'entry-2', 'entry-3']));
    expect(published.filter((id) => id === 'entry-0')).toHaveLength(1);
  });

  test('publishes events with the same ids again when records are redelivered', async () => {
    for (const _ of ['first time', 'second time']) await worker()(records(3));
    const published = bus.events().map(({ eventId }) => eventId);
    expect(published).toEqual([...published.slice(0, 3), ...published.slice(0, 3)]);
  });
});
