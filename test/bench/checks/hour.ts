import { setTimeout as wait } from 'node:timers/promises';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { minuteOf, startOf } from '../../../shared/domain/checks/slots.ts';
import type { Call } from '../meter.ts';
import type { CheckBench } from './check-bench.ts';
import type { Usage } from './functions-process.ts';

/** Results of an hour of scheduled checks. */
export interface Hour {
  /** The first and the last minute, since 1970. */
  readonly first: number;
  readonly last: number;
  /** Number of checks that the scheduler enqueued. */
  readonly enqueued: number;
  readonly seconds: number;
  /** Usage before the first minute and after the last. */
  readonly before: Usage;
  readonly after: Usage;
  readonly calls: readonly Call[];
  /** Results of running the last minute again: redelivered checks, and requests to providers. */
  readonly repeated: { readonly delivered: number; readonly requests: number };
}

const MINUTES = 60;

/**
 * Runs the scheduler for each minute of an hour from now on, in which each hourly connection has one slot; each minute as
 * soon as the checks of the previous one are completed, and the last one twice. Calls `onFirstMinute` after the first, in
 * which the functions start.
 */
export async function runHour(bench: CheckBench, onFirstMinute: () => void): Promise<Hour> {
  const { functions, requestLog, meter } = bench;
  const first = minuteOf(new Date());
  const last = first + MINUTES - 1;
  const before = await functions.usage();
  const calls: Call[] = [];
  meter.take();
  let enqueued = 0;
  const startedAt = performance.now();
  for (let minute = first; minute <= last; minute += 1) {
    requestLog.startMinute();
    enqueued += (await functions.run(startOf(minute))).enqueued;
    await whenQueueIsEmpty(bench);
    calls.push(...meter.take().map((call) => ({ ...call, items: [] })));
    if (minute === first) onFirstMinute();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const after = await functions.usage();
  const requests = requestLog.count();
  await functions.run(startOf(last));
  await whenQueueIsEmpty(bench);
  const { connections } = await functions.usage();
  const repeated = {
    delivered: connections - after.connections,
    requests: requestLog.count() - requests,
  };
  return { first, last, enqueued, seconds, before, after, calls, repeated };
}

/** Resolves once no message is visible, in flight or delayed. */
async function whenQueueIsEmpty({ queueUrl, queues }: CheckBench): Promise<void> {
  const client = new SQSClient({ endpoint: queues.url });
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] });
  const countMessages = async () => {
    const { Attributes = {} } = await client.send(command);
    const states = ['', 'NotVisible', 'Delayed'] as const;
    return states
      .map((state) => Number(Attributes[`ApproximateNumberOfMessages${state}`]))
      .reduce((sum, count) => sum + count, 0);
  };
  while ((await countMessages()) > 0) await wait(20);
  client.destroy();
}
