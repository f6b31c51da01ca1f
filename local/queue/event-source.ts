import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';

export interface EventSource {
  /**
   * Waits until nothing can be taken from the queue and nothing is being worked on; what is put off for later, by
   * its sender or because it failed, does not count.
   */
  drain(): Promise<void>;
  close(): Promise<void>;
}

interface EventSourceOptions {
  readonly queueUrl: string;
  readonly batchSize: number;
  readonly handler: (event: SQSEvent) => Promise<SQSBatchResponse>;
  readonly onError: (error: unknown) => void;
}

/**
 * How many batches are worked on at a time. All share the sockets of one process, where Lambda gives each batch a
 * process: with more of them, a request waits for a socket so long that it is taken for lost.
 */
const CONCURRENCY = 2;
const IDLE_MS = 50;
/** Out of step with the loops, so that one of them is not always found at work. */
const PAUSE_MS = 7;

/** Feeds a worker from a queue as Lambda does: what it handled is deleted, what it failed comes again. */
export function startEventSource(options: EventSourceOptions): EventSource {
  const client = new SQSClient({ useQueueUrlAsEndpoint: true });
  let closed = false;
  const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  const idle = () => new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  let busy = 0;
  let rounds = 0;
  const loop = async () => {
    while (!closed) {
      busy += 1;
      const worked = await workOnce(client, options).catch((error) => {
        options.onError(error);
        return false;
      });
      busy -= 1;
      if (worked) rounds += 1;
      else await idle();
    }
  };
  /** What was seen to be empty may have been filled by what was being worked on meanwhile. */
  const isQuiet = async () => {
    if (busy > 0) return false;
    const before = rounds;
    const waiting = await inQueue(client, options.queueUrl);
    return waiting === 0 && busy === 0 && rounds === before;
  };
  const loops = Array.from({ length: CONCURRENCY }, loop);
  return {
    async drain() {
      while (!closed && !(await isQuiet())) await pause();
    },
    async close() {
      closed = true;
      await Promise.all(loops);
      client.destroy();
    },
  };
}

/** Takes a batch and has it handled; false where there was none. */
async function workOnce(client: SQSClient, options: EventSourceOptions): Promise<boolean> {
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

/** A message as Lambda hands it to a function. */
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

async function inQueue(client: SQSClient, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  return Number(Attributes.ApproximateNumberOfMessages);
}
