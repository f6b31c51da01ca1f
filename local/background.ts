import { queueWorkers } from '../shared/contract/background/index.ts';
import { queueHandler } from './functions.ts';
import type { IamSettings } from './lambda.ts';
import { startEventSource } from './queue/event-source.ts';
import { type Scheduler, startScheduler } from './schedules.ts';

export interface BackgroundOptions {
  readonly iam: IamSettings;
  readonly checksQueueUrl: string;
  /** False where scheduled functions run on demand alone. */
  readonly byTheClock: boolean;
  readonly onError: (where: string, error: unknown) => void;
}

/** The scheduled functions and the workers of queues. */
export interface Background extends Pick<Scheduler, 'names' | 'run'> {
  /** Waits until every message is handled that can be delivered now. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** Starts them in this process. */
export async function startBackground(options: BackgroundOptions): Promise<Background> {
  const { iam, checksQueueUrl: queueUrl, byTheClock, onError } = options;
  const checks = startEventSource({
    queueUrl,
    ...(await queueHandler(queueWorkers.checkConnections, iam)),
    onError: (error) => onError('queue', error),
  });
  const scheduler = await startScheduler(iam, { byTheClock, onError });
  return {
    names: scheduler.names,
    run: scheduler.run,
    drain: () => checks.drain(),
    async close() {
      scheduler.close();
      await checks.close();
    },
  };
}
