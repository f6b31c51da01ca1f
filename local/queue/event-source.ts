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
import { VISIBILITY_TIMEOUT_SECONDS } from './server.ts';

interface EventSourceOptions {
  readonly queueUrl: string;
  readonly batchSize: number;
  readonly handler: (event: SQSEvent) => Promise<SQSBatchResponse>;
  readonly onError: (error: unknown) => void;
}

/** The longest time that SQS waits for a message. */
const WAIT_SECONDS = 20;
const RETRY_MS = 50;
/** Waits between two looks at the queue: the first, and the longest, to which they double while a worker is busy. */
const DRAIN_MS = { first: 10, longest: 80 };

/**
 * Feeds a worker from a queue as Lambda does: deletes handled messages, leaves failed ones to be redelivered. A message that
 * is delayed, or invisible after a failure, cannot be delivered now. Invokes the worker once at a time, as Lambda does in one
 * process, whose sockets and memory the worker is made for.
 */
export function startEventSource(options: EventSourceOptions): Deliveries {
  const client = new SQSClient({ useQueueUrlAsEndpoint: true });
  const closing = new AbortController();
  const failures = new FailedMessages();
  const loop = async () => {
    while (!closing.signal.aborted) {
      try {
        const messages = await receive(client, options, closing.signal);
        if (messages.length > 0) await handleBatch(client, options, messages, failures);
      } catch (error) {
        options.onError(error);
        await setTimeout(RETRY_MS);
      }
    }
  };
  const running = loop();
  const isQuiet = async () => {
    const { visible, inFlight } = await countMessages(client, options.queueUrl);
    return visible === 0 && inFlight <= failures.count(Date.now());
  };
  return {
    async drain() {
      let wait = DRAIN_MS.first;
      while (!closing.signal.aborted && !(await isQuiet())) {
        await setTimeout(wait);
        wait = Math.min(2 * wait, DRAIN_MS.longest);
      }
    },
    async close() {
      closing.abort();
      await running;
      client.destroy();
    },
  };
}

/** The messages that the worker failed and that are still invisible: they are in flight, and nobody handles them. */
class FailedMessages {
  /** The time until which each is invisible, in milliseconds since 1970. */
  readonly #invisibleUntil = new Map<string, number>();

  add(messageIds: Iterable<string>, now: number): void {
    for (const id of messageIds) this.#invisibleUntil.set(id, now + VISIBILITY_TIMEOUT_SECONDS * 1_000);
  }

  count(now: number): number {
    return [...this.#invisibleUntil.values()].filter((until) => now < until).length;
  }

  /** Forgets messages that are delivered again. */
  remove(messages: readonly Message[]): void {
    for (const { MessageId = '' } of messages) this.#invisibleUntil.delete(MessageId);
  }
}

/** Waits for messages; returns none when the wait is aborted. */
async function receive(
  client: SQSClient,
  { queueUrl: QueueUrl, batchSize }: EventSourceOptions,
  abortSignal: AbortSignal,
): Promise<readonly Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: batchSize,
    WaitTimeSeconds: WAIT_SECONDS,
  });
  try {
    const { Messages = [] } = await client.send(command, { abortSignal });
    return Messages;
  } catch (error) {
    if (abortSignal.aborted) return [];
    throw error;
  }
}

async function handleBatch(
  client: SQSClient,
  { queueUrl: QueueUrl, handler }: EventSourceOptions,
  messages: readonly Message[],
  failures: FailedMessages,
): Promise<void> {
  failures.remove(messages);
  // Lambda takes a batch whose function throws for failed as a whole.
  const failed = new Set(messages.map(({ MessageId = '' }) => MessageId));
  try {
    const { batchItemFailures } = await handler({ Records: messages.map(recordOf) });
    failed.clear();
    for (const { itemIdentifier } of batchItemFailures) failed.add(itemIdentifier);
  } finally {
    failures.add(failed, Date.now());
  }
  const Entries = messages
    .filter(({ MessageId = '' }) => !failed.has(MessageId))
    .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  if (Entries.length > 0) await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
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

async function countMessages(client: SQSClient, QueueUrl: string) {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return {
    visible: Number(Attributes.ApproximateNumberOfMessages),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
  };
}
