import * as z from 'zod/mini';
import { REGION } from '../../../local/environment.ts';
import { queueHandler } from '../../../local/functions.ts';
import { startEventSource } from '../../../local/queue/event-source.ts';
import { startScheduler } from '../../../local/schedules.ts';
import { queueWorkers } from '../../../shared/contract/background/index.ts';
import { setting } from '../../../shared/runtime/environment.ts';
import type { Usage } from './functions-process.ts';

/*
 * Runs the scheduler of checks and their workers as local mode does, in a process of their own, so that its CPU time and
 * memory are theirs. Responds to each message of its parent with the usage so far.
 */
const iam = {
  accessKeyId: 'bench',
  secretAccessKey: 'bench',
  region: REGION,
  userArn: 'arn:aws:iam::000000000000:user/bench',
};
const logError = (where: string, error: unknown) => process.stderr.write(`${where}: ${error}\n`);
const scheduler = await startScheduler(iam, { byTheClock: false, onError: logError });
const { batchSize, handler } = await queueHandler(queueWorkers.checkConnections, iam);
const counts = { messages: 0, connections: 0, failed: 0 };
const body = z.object({ connections: z.array(z.unknown()) });
const workers = startEventSource({
  queueUrl: setting('CHECKS_QUEUE_URL'),
  batchSize,
  handler: async (event) => {
    counts.messages += event.Records.length;
    for (const record of event.Records) {
      counts.connections += body.parse(JSON.parse(record.body)).connections.length;
    }
    const response = await handler(event);
    counts.failed += response.batchItemFailures.length;
    return response;
  },
  onError: (error) => logError('queue', error),
});

const request = z.object({ run: z.optional(z.iso.datetime()) });
const runReport = z.object({ done: z.number() });

async function handle(message: unknown): Promise<Usage> {
  const { run } = request.parse(message);
  const report = run
    ? runReport.parse(await scheduler.run('enqueue-due-checks', new Date(run)))
    : { done: 0 };
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
  return { enqueued: report.done, cpuSeconds, peakMegabytes: (maxRSS * 1024) / 1e6, ...counts };
}

process.on('message', async (message) => {
  process.send?.(await handle(message));
});
process.on('disconnect', async () => {
  scheduler.close();
  await workers.close();
});
