import * as z from 'zod/mini';
import { REGION } from '../../../local/environment.ts';
import { queueHandler } from '../../../local/functions.ts';
import { startEventSource } from '../../../local/queue/event-source.ts';
import { startScheduler } from '../../../local/schedules.ts';
import { queueWorkers } from '../../../shared/contract/background/index.ts';
import { setting } from '../../../shared/runtime/environment.ts';
import type { Answer } from './functions-process.ts';

/*
 * The scheduler of checks and their workers as local mode runs them, in a process that runs nothing else, so that its
 * time and its memory are theirs. Answers each message of its parent with one.
 */
const iam = {
  accessKeyId: 'bench',
  secretAccessKey: 'bench',
  region: REGION,
  userArn: 'arn:aws:iam::000000000000:user/bench',
};
const tell = (where: string, error: unknown) => process.stderr.write(`${where}: ${error}\n`);
const scheduler = await startScheduler(iam, { byTheClock: false, onError: tell });
const { batchSize, handler } = await queueHandler(queueWorkers.checkConnections, iam);
const counted = { messages: 0, connections: 0, failed: 0 };
const body = z.object({ connections: z.array(z.unknown()) });
const workers = startEventSource({
  queueUrl: setting('CHECKS_QUEUE_URL'),
  batchSize,
  handler: async (event) => {
    counted.messages += event.Records.length;
    for (const record of event.Records) {
      counted.connections += body.parse(JSON.parse(record.body)).connections.length;
    }
    const answer = await handler(event);
    counted.failed += answer.batchItemFailures.length;
    return answer;
  },
  onError: (error) => tell('queue', error),
});

const asked = z.union([z.object({ run: z.iso.datetime() }), z.object({ tell: z.literal('usage') })]);
const ran = z.object({ done: z.number() });

async function answer(message: unknown): Promise<Answer> {
  const ask = asked.parse(message);
  const enqueued =
    'run' in ask ? ran.parse(await scheduler.run('enqueue-due-checks', new Date(ask.run))).done : 0;
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
  return { enqueued, cpuSeconds, peakMegabytes: (maxRSS * 1024) / 1e6, ...counted };
}

process.on('message', async (message) => {
  process.send?.(await answer(message));
});
process.on('disconnect', async () => {
  scheduler.close();
  await workers.close();
});
