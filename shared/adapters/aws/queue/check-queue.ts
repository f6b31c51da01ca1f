import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { CheckQueue, QueuedBatch } from '../../../domain/checks/ports.ts';
import { checkBatchMessage } from '../../../messages/check-batch.ts';
import type { Queue } from './client.ts';

/** The most messages that SQS takes at once, and the longest delay, in seconds. */
const MESSAGES = 10;
const LONGEST_DELAY = 900;
const ATTEMPTS = 3;

/** Sends batches of checks to the queue of the workers. */
export function checkQueue(queue: Queue): CheckQueue {
  return {
    async enqueueChecks(batches) {
      for (let start = 0; start < batches.length; start += MESSAGES) {
        await sendAll(queue, batches.slice(start, start + MESSAGES));
      }
    },
  };
}

/** Sends messages together; those that SQS did not take are sent again. */
async function sendAll(queue: Queue, batches: readonly QueuedBatch[]): Promise<void> {
  let pending = batches;
  for (let attempt = 1; pending.length > 0; attempt += 1) {
    if (attempt > ATTEMPTS) throw new Error(`SQS did not take ${pending.length} batches of checks.`);
    pending = await send(queue, pending);
  }
}

async function send({ client, url }: Queue, batches: readonly QueuedBatch[]) {
  const Entries = batches.map(({ delaySeconds = 0, ...batch }, index) => ({
    Id: String(index),
    DelaySeconds: Math.min(delaySeconds, LONGEST_DELAY),
    MessageBody: JSON.stringify(checkBatchMessage.parse(batch)),
  }));
  const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
  const failed = new Set(Failed.map(({ Id }) => Id));
  return batches.filter((_, index) => failed.has(String(index)));
}
