import { afterEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { lambdaContext } from '../../../local/lambda.ts';
import { recordOf } from '../../../local/queue/event-source.ts';
import { insertedEntry } from '../../../shared/adapters/aws/table/stream-records.ts';
import { toEvent } from '../../../shared/domain/events/relay.ts';
import { connectionEvent } from '../../../shared/messages/connection-event.ts';
import { onEvent } from '../../../shared/runtime/background/event.ts';
import { onQueue } from '../../../shared/runtime/background/queue.ts';
import { onSchedule } from '../../../shared/runtime/background/schedule.ts';
import { onStream } from '../../../shared/runtime/background/stream.ts';
import { logger } from '../../../shared/runtime/logger.ts';

const iam = { accessKeyId: 'a', secretAccessKey: 'b', region: 'eu-west-1', userArn: 'arn' };
const context = lambdaContext('test', iam, 60_000);

describe('a run of a schedule', () => {
  const run = async (event: object) => {
    const seen: unknown[] = [];
    const handler = onSchedule(
      { entry: 'schedules/any', everyMinutes: 1, summary: 'Any schedule', capabilities: [] },
      async ({ correlationId, clock }) => {
        seen.push(correlationId, clock.now().toISOString());
        return { done: 0, failures: [] };
      },
      {},
    );
    await handler(event, context);
    return seen;
  };

  test('has the id and the time of its event', async () => {
    const event = { id: 'event', time: '2026-03-03T14:06:00Z', source: 'aws.events' };
    expect(await run(event)).toEqual(['event', '2026-03-03T14:06:00.000Z']);
  });

  test('has the id of the invocation when an operator starts it', async () => {
    const event = { time: '2026-03-03T14:06:00Z' };
    expect(await run(event)).toEqual([context.awsRequestId, '2026-03-03T14:06:00.000Z']);
  });

  test.each([
    [60_000, true],
    [14_000, false],
  ])('with %i ms left has time for more: %s', async (remainingMs, expected) => {
    const handler = onSchedule(
      { entry: 'schedules/any', everyMinutes: 1, summary: 'Any schedule', capabilities: [] },
      async ({ hasTime }) => ({ done: Number(hasTime()), failures: [] }),
      {},
    );
    const event = { time: '2026-03-03T14:06:00Z' };
    expect(await handler(event, lambdaContext('test', iam, remainingMs))).toMatchObject({
      done: Number(expected),
    });
  });

  test.each([{}, { time: 'now' }, { time: 7 }])('fails without a valid time: %j', async (event) => {
    await expect(run(event)).rejects.toThrow();
  });
});

describe('an event without a correlation id', () => {
  const EVENT = {
    eventId: 'entry',
    projectId: 'demo',
    connectionId: 'con_1',
    provider: 'trello',
    name: 'Board',
    type: 'status_changed',
    at: '2026-03-03T14:05:59.000Z',
    actor: { type: 'system' },
  };

  test('is published from a stream record', () => {
    const { actor: _, eventId, provider, ...strings } = EVENT;
    const attributes = Object.entries({ ...strings, id: eventId, providerId: provider });
    const NewImage = {
      ...Object.fromEntries(attributes.map(([name, S]) => [name, { S }])),
      actor: { M: { type: { S: 'system' } } },
    };
    const entry = insertedEntry({ eventName: 'INSERT', dynamodb: { NewImage } });
    if (!('connectionId' in entry)) throw new Error('The entry is of no connection.');
    expect(connectionEvent.parse(toEvent(entry))).toEqual(EVENT);
  });

  test('is handled under the id of its delivery', async () => {
    const seen: unknown[] = [];
    const pattern = { source: ['connections'], 'detail-type': [] } as const;
    const handler = onEvent(
      { entry: 'events/any', pattern, summary: 'Any event', capabilities: [] },
      async ({ eventId }, { correlationId }) => {
        seen.push(eventId, correlationId);
      },
      {},
    );
    await handler({ id: 'delivery', detail: EVENT }, context);
    await handler({ id: 'delivery', detail: { ...EVENT, correlationId: 'request' } }, context);
    expect(seen).toEqual(['entry', 'delivery', 'entry', 'request']);
  });
});

describe('a queue worker', () => {
  afterEach(() => vi.restoreAllMocks());

  const FAILURES = [new Error('The check of con_1 failed.'), new Error('The check of con_2 failed.')];

  /** Handles one message with these failures. Returns the redelivered messages and the logged errors. */
  async function handleOne(isDone: boolean) {
    const logged: unknown[] = [];
    vi.spyOn(logger(), 'error').mockImplementation((_message, ...extra) => {
      for (const more of extra) if (typeof more === 'object' && 'error' in more) logged.push(more.error);
    });
    const handler = onQueue(
      { entry: 'queues/any', batchSize: 1, summary: 'Any worker', capabilities: [] },
      {
        message: z.object({ correlationId: z.string() }),
        handle: () => Promise.resolve({ failures: FAILURES, isDone }),
      },
      {},
    );
    const Body = JSON.stringify({ correlationId: 'run' });
    const Records = [recordOf({ MessageId: 'one', Body })];
    const { batchItemFailures } = await handler({ Records }, context);
    return { redelivered: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier), logged };
  }

  test('logs each failure of a message that is done', async () => {
    expect(await handleOne(true)).toEqual({ redelivered: [], logged: FAILURES });
  });

  test('fails a message that is not done, and logs each of its failures', async () => {
    const { redelivered, logged } = await handleOne(false);
    expect(redelivered).toEqual(['one']);
    expect(logged).toEqual(expect.arrayContaining(FAILURES));
  });
});

test('a stream worker stops at the first record that fails, for Lambda to go on there', async () => {
  vi.spyOn(logger(), 'error').mockImplementation(() => undefined);
  const handled: (string | undefined)[] = [];
  const handler = onStream(
    { entry: 'streams/any', filters: [], summary: 'Any worker', capabilities: [] },
    async ({ dynamodb }) => {
      handled.push(dynamodb?.SequenceNumber);
      if (dynamodb?.SequenceNumber === '2') throw new Error('It failed.');
    },
    {},
  );
  const Records = ['1', '2', '3'].map((SequenceNumber) => ({ dynamodb: { SequenceNumber } }));
  const { batchItemFailures } = await handler({ Records }, context);
  expect([handled, batchItemFailures]).toEqual([['1', '2'], [{ itemIdentifier: '2' }]]);
  vi.restoreAllMocks();
});
