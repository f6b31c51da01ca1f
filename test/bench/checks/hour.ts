import { setTimeout as wait } from 'node:timers/promises';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { minuteOf, startOf } from '../../../shared/domain/checks/slots.ts';
import type { Call } from '../meter.ts';
import type { Answer } from './functions-process.ts';
import type { ChecksHouse } from './house.ts';

/** What an hour of turns came to. */
export interface Hour {
  /** The first and the last minute, counted from 1970. */
  readonly first: number;
  readonly last: number;
  /** How many checks the scheduler enqueued. */
  readonly enqueued: number;
  readonly seconds: number;
  /** Before the first minute and after the last. */
  readonly before: Answer;
  readonly after: Answer;
  readonly calls: readonly Call[];
  /** Of the last minute, asked for once more: how many checks were delivered again and how many requests were made. */
  readonly repeated: { readonly delivered: number; readonly requests: number };
}

const MINUTES = 60;

/**
 * Runs the scheduler for each minute of an hour that begins now, so that every hourly connection has one turn; each
 * minute as soon as the checks of the one before are made, and the last once more.
 */
export async function runHour(house: ChecksHouse): Promise<Hour> {
  const { functions, tally, meter } = house;
  const first = minuteOf(new Date());
  const last = first + MINUTES - 1;
  const before = await functions.usage();
  const calls: Call[] = [];
  meter.take();
  let enqueued = 0;
  const startedAt = performance.now();
  for (let minute = first; minute <= last; minute += 1) {
    tally.beginTurn();
    enqueued += (await functions.run(startOf(minute))).enqueued;
    await emptied(house);
    calls.push(...meter.take().map((call) => ({ ...call, items: [] })));
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const after = await functions.usage();
  const requests = tally.requests();
  await functions.run(startOf(last));
  await emptied(house);
  const { connections } = await functions.usage();
  const repeated = {
    delivered: connections - after.connections,
    requests: tally.requests() - requests,
  };
  return { first, last, enqueued, seconds, before, after, calls, repeated };
}

/** Waits until nothing is in the queue, being worked on, or put off for later. */
async function emptied({ queueUrl, queues }: ChecksHouse): Promise<void> {
  const client = new SQSClient({ endpoint: queues.url });
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] });
  const left = async () => {
    const { Attributes = {} } = await client.send(command);
    const states = ['', 'NotVisible', 'Delayed'] as const;
    return states
      .map((state) => Number(Attributes[`ApproximateNumberOfMessages${state}`]))
      .reduce((sum, count) => sum + count, 0);
  };
  while ((await left()) > 0) await wait(20);
  client.destroy();
}
