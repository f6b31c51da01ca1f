import { type OperationContext, timestamp } from '../operation-context.ts';
import { CADENCES } from '../terms.ts';
import {
  BATCH_SIZE,
  type CheckBatch,
  type CheckQueue,
  type CheckSchedule,
  type DueConnection,
} from './ports.ts';
import { dueSlot, isLatestOccurrence, LONGEST_PERIOD, minuteOf, startOf } from './slots.ts';

export type EnqueuePorts = Pick<OperationContext, 'clock' | 'correlationId'> & {
  readonly schedule: CheckSchedule;
  readonly checkQueue: CheckQueue;
};

/** Result of one run of the scheduler. */
export interface EnqueueReport {
  /** Minutes whose checks were enqueued; 1 when the scheduler keeps up. */
  readonly minutes: number;
  /** Number of enqueued checks. */
  readonly checks: number;
}

/**
 * Enqueues the checks of every minute from the checkpoint to the current one. Of the minutes that it catches up, it
 * enqueues each slot once. Checks that a crash enqueues twice run once, by their scheduled time.
 */
export async function enqueueDueChecks(ports: EnqueuePorts): Promise<EnqueueReport> {
  const last = minuteOf(ports.clock.now());
  // A late or repeated run enqueues its own minute again; the worker skips completed checks by their scheduled time.
  const checkpoint = Math.min((await ports.schedule.loadCheckpoint()) ?? last - 1, last - 1);
  let minutes = 0;
  let checks = 0;
  for (let minute = Math.max(checkpoint, last - LONGEST_PERIOD) + 1; minute <= last; minute += 1) {
    checks += await enqueueMinute(minute, last, ports);
    await ports.schedule.advanceCheckpoint(minute);
    minutes += 1;
  }
  return { minutes, checks };
}

async function enqueueMinute(minute: number, last: number, ports: EnqueuePorts): Promise<number> {
  const due: DueConnection[] = [];
  for (const cadence of CADENCES) {
    if (!isLatestOccurrence(cadence, minute, last)) continue;
    const slot = dueSlot(cadence, minute);
    for await (const connection of ports.schedule.due(cadence, slot)) due.push(connection);
  }
  await ports.checkQueue.enqueue(toBatches(due, timestamp(startOf(minute)), ports.correlationId));
  return due.length;
}

/**
 * Groups due connections into batches of one provider each. Projects alternate within a provider, and providers within
 * the queue, so that neither a large project nor a slow provider delays the others.
 */
function toBatches(
  due: readonly DueConnection[],
  scheduledFor: string,
  correlationId: string,
): readonly CheckBatch[] {
  const byProvider = Map.groupBy(due, ({ providerId }) => providerId);
  const batches = [...byProvider].map(([providerId, connections]) =>
    chunks(interleaveByProject(connections), BATCH_SIZE).map((chunk) => ({
      scheduledFor,
      providerId,
      correlationId,
      connections: chunk.map(({ projectId, connectionId }) => ({ projectId, connectionId })),
    })),
  );
  return roundRobin(batches);
}

function interleaveByProject(connections: readonly DueConnection[]): readonly DueConnection[] {
  return roundRobin([...Map.groupBy(connections, ({ projectId }) => projectId).values()]);
}

/** Returns the first item of each list, then the second of each, and so on. */
function roundRobin<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) =>
    lists.flatMap((list) => list.slice(index, index + 1)),
  ).flat();
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
