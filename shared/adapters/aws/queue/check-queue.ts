import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { CheckQueue, QueuedBatch } from '../../../domain/checks/ports.ts';
import { checkBatchMessage } from '../../../messages/check-batch.ts';
import { CLIENT_CONFIG, configureMiddleware } from '../sdk.ts';

/** A queue and its client. */
export interface Queue {
  readonly client: SQSClient;
  readonly url: string;
}

/** Opens a queue. Endpoint and credentials come from the SDK's environment variables. */
export function openQueue(url: string): Queue {
  return { client: configureMiddleware(new SQSClient(CLIENT_CONFIG)), url };
}

/** SQS's maximum messages per request, and maximum delay in seconds. */
const MAX_MESSAGES = 10;
const MAX_DELAY_SECONDS = 900;
const MAX_ATTEMPTS = 3;

/** Sends batches of checks to the queue of the workers. */
export function checkQueue(queue: Queue): CheckQueue {
  return {
    async enqueue(batches) {
      for (let start = 0; start < batches.length; start += MAX_MESSAGES) {
        await sendAll(queue, batches.slice(start, start + MAX_MESSAGES));
      }
    },
  };
}

/** Sends messages in one request, and repeats it with those that SQS did not accept. */
async function sendAll(queue: Queue, batches: readonly QueuedBatch[]): Promise<void> {
  let pending = batches;
  for (let attempt = 1; pending.length > 0; attempt += 1) {
    if (attempt > MAX_ATTEMPTS) throw new Error(`SQS did not accept ${pending.length} batches of checks.`);
    pending = await send(queue, pending);
  }
}

async function send({ client, url }: Queue, batches: readonly QueuedBatch[]) {
  const Entries = batches.map(({ delaySeconds = 0, ...batch }, index) => ({
    Id: String(index),
    DelaySeconds: Math.min(delaySeconds, MAX_DELAY_SECONDS),
    MessageBody: JSON.stringify(checkBatchMessage.parse(batch)),
  }));
  const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
  const failed = new Set(Failed.map(({ Id }) => Id));
  return batches.filter((_, index) => failed.has(String(index)));
}
