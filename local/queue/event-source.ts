import { setTimeout } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Deliveries } from '../polling.ts';

interface EventSourceOptions {
  readonly queueUrl: string;
  readonly batchSize: number;
  readonly handler: (event: SQSEvent) => Promise<SQSBatchResponse>;
  readonly onError: (error: unknown) => void;
}

/**
 * Batches handled at a time. All share the sockets of one process, where Lambda has a process for each batch: with
 * more of them, requests wait for a socket until they time out.
 */
const CONCURRENCY = 2;
const IDLE_MS = 50;
/** Not a divisor of the idle time, so that `drain` does not always find the same loop at work. */
const DRAIN_MS = 7;

/**
 * Feeds a worker from a queue as Lambda does: deletes handled messages, leaves failed ones to be redelivered. A message that
 * is delayed, or invisible after a failure, cannot be delivered now.
 */
export function startEventSource(options: EventSourceOptions): Deliveries {
  const client = new SQSClient({ useQueueUrlAsEndpoint: true });
  let closed = false;
  let busyLoops = 0;
  let batches = 0;
  const loop = async () => {
    while (!closed) {
      busyLoops += 1;
      const handled = await handleBatch(client, options).catch((error) => {
        options.onError(error);
        return false;
      });
      busyLoops -= 1;
      if (handled) batches += 1;
      else await setTimeout(IDLE_MS);
    }
  };
  /** Counts batches, because one that ends between the two checks may have sent new messages. */
  const isQuiet = async () => {
    if (busyLoops > 0) return false;
    const before = batches;
    const visible = await visibleMessages(client, options.queueUrl);
    return visible === 0 && busyLoops === 0 && batches === before;
  };
  const loops = Array.from({ length: CONCURRENCY }, loop);
  return {
    async drain() {
      while (!closed && !(await isQuiet())) await setTimeout(DRAIN_MS);
    },
    async close() {
      closed = true;
      await Promise.all(loops);
      client.destroy();
    },
  };
}

/** Receives a batch and lets the worker handle it; false where the queue had none. */
async function handleBatch(client: SQSClient, options: EventSourceOptions): Promise<boolean> {
  const { queueUrl: QueueUrl, batchSize, handler } = options;
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: batchSize, WaitTimeSeconds: 0 }),
  );
  if (Messages.length === 0) return false;
  const { batchItemFailures } = await handler({ Records: Messages.map(recordOf) });
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const Entries = Messages.filter(({ MessageId = '' }) => !failed.has(MessageId)).map(
    ({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }),
  );
  if (Entries.length > 0) await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  return true;
}

/** Converts a message into the record that Lambda passes to a function. */
export function recordOf({
  MessageId = '',
  ReceiptHandle = '',
  Body = '',
}: Message): SQSEvent['Records'][number] {
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'local',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:checks',
    awsRegion: 'eu-west-1',
  };
}

async function visibleMessages(client: SQSClient, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  return Number(Attributes.ApproximateNumberOfMessages);
}
