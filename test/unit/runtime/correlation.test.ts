import { describe, expect, test } from 'vitest';
import { lambdaContext } from '../../../local/lambda.ts';
import { writtenEntry } from '../../../shared/adapters/aws/table/stream-records.ts';
import { compile } from '../../../shared/catalog/compile.ts';
import { createCatalog } from '../../../shared/catalog/index.ts';
import { eventHandlers, queueWorkers, schedules } from '../../../shared/contract/background/index.ts';
import { eventOf } from '../../../shared/domain/connections/event.ts';
import { checkBatchMessage } from '../../../shared/messages/check-batch.ts';
import { connectionEvent } from '../../../shared/messages/connection-event.ts';
import { onEvent } from '../../../shared/runtime/background/event.ts';
import { onQueue } from '../../../shared/runtime/background/queue.ts';
import { onSchedule } from '../../../shared/runtime/background/schedule.ts';

const iam = { accessKeyId: 'a', secretAccessKey: 'b', region: 'eu-west-1', userArn: 'arn' };
const context = lambdaContext('test', iam, 60_000);
const catalog = createCatalog(() => compile([]));

/** Nothing that is tried here asks for a port. */
const withoutPorts = () => new Proxy(Object.create(null), {});

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

describe('a run of a schedule', () => {
  const { sweepOrphans } = schedules;
  const ran = async (event: object) => {
    const seen: unknown[] = [];
    const handler = onSchedule(
      sweepOrphans,
      async ({ correlationId, clock }) => {
        seen.push(correlationId, clock.now().toISOString());
        return { done: 0, failures: [] };
      },
      { catalog, ports: withoutPorts },
    );
    await handler(event, context);
    return seen;
  };

  test('goes by the id of its event, at its time', async () => {
    const event = { id: 'event', time: '2026-03-03T14:06:00Z', source: 'aws.events' };
    expect(await ran(event)).toEqual(['event', '2026-03-03T14:06:00.000Z']);
  });

  test('goes by the id of its invocation where a person started it', async () => {
    const event = { time: '2026-03-03T14:06:00Z' };
    expect(await ran(event)).toEqual([context.awsRequestId, '2026-03-03T14:06:00.000Z']);
  });

  test.each([{}, { time: 'now' }, { time: 7 }])('is not begun without a time: %j', async (event) => {
    await expect(ran(event)).rejects.toThrow();
  });
});

describe('what was written before there were correlation ids', () => {
  test('is read from the stream, and told without one', () => {
    const strings = { ...EVENT, id: 'entry', providerId: 'trello', actor: undefined };
    const NewImage = {
      ...Object.fromEntries(Object.entries(strings).map(([name, S]) => [name, { S }])),
      actor: { M: { type: { S: 'system' } } },
    };
    const entry = writtenEntry({ eventName: 'INSERT', dynamodb: { NewImage } });
    expect(connectionEvent.parse(eventOf(entry))).toEqual(EVENT);
  });

  test('is handled from the archive under the id of its delivery', async () => {
    const seen: unknown[] = [];
    const handler = onEvent(
      eventHandlers.notify,
      async ({ eventId }, { correlationId }) => {
        seen.push(eventId, correlationId);
      },
      { catalog, ports: withoutPorts },
    );
    await handler({ id: 'delivery', detail: EVENT }, context);
    await handler({ id: 'delivery', detail: { ...EVENT, correlationId: 'request' } }, context);
    expect(seen).toEqual(['entry', 'delivery', 'entry', 'request']);
  });

  test('is handled from the queue under the id of its message, and put back under it', async () => {
    const seen: unknown[] = [];
    const handler = onQueue(
      queueWorkers.checkConnections,
      {
        message: checkBatchMessage,
        handle: async (batch, { correlationId }) => {
          seen.push(batch.correlationId, correlationId);
          return { failures: [], isDone: true };
        },
      },
      { catalog, ports: withoutPorts },
    );
    const batch = {
      scheduledFor: '2026-03-03T14:06:00.000Z',
      providerId: 'trello',
      connections: [{ projectId: 'demo', connectionId: 'con_1' }],
    };
    const attributes = {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'us',
      ApproximateFirstReceiveTimestamp: '0',
    };
    const record = {
      messageId: 'message',
      receiptHandle: 'receipt',
      body: JSON.stringify(batch),
      attributes,
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn',
      awsRegion: 'eu-west-1',
    };
    expect(await handler({ Records: [record] }, context)).toEqual({ batchItemFailures: [] });
    expect(seen).toEqual(['message', 'message']);
  });
});
