import type { OperationContext } from '../operation-context.ts';
import { timestamp } from '../time.ts';
import {
  BATCH_SIZE,
  type CheckBatch,
  type CheckQueue,
  type CheckSchedule,
  type DueConnection,
} from './ports.ts';
import { CADENCES, dueSlot, isLatestOccurrence, LONGEST_PERIOD, minuteOf, startOf } from './slots.ts';

type EnqueuePorts = CheckSchedule & CheckQueue & Pick<OperationContext, 'clock' | 'correlationId'>;

/** What a run of the scheduler came to: how many minutes it enqueued, 1 when it keeps up, and how many checks. */
export interface Enqueued {
  readonly minutes: number;
  readonly done: number;
}

/**
 * Enqueues the checks of every minute since the last run, up to this one. Minutes that were missed are made up,
 * each slot once. What a crash repeats is known by its turn and checked once.
 */
export async function enqueueDueChecks(ports: EnqueuePorts): Promise<Enqueued> {
  const last = minuteOf(ports.clock.now());
  // A run that comes again, or late, enqueues its own minute: what was checked since is known by its turn.
  const reached = Math.min((await ports.loadCheckpoint()) ?? last - 1, last - 1);
  let minutes = 0;
  let done = 0;
  for (let minute = Math.max(reached, last - LONGEST_PERIOD) + 1; minute <= last; minute += 1) {
    done += await enqueueMinute(minute, last, ports);
    await ports.advanceCheckpoint(minute);
    minutes += 1;
  }
  return { minutes, done };
}

async function enqueueMinute(minute: number, last: number, ports: EnqueuePorts): Promise<number> {
  const scheduledFor = timestamp(startOf(minute));
  const due: DueConnection[] = [];
  for (const cadence of CADENCES) {
    if (!isLatestOccurrence(cadence, minute, last)) continue;
    for await (const connection of ports.due(cadence, dueSlot(cadence, minute))) due.push(connection);
  }
  await ports.enqueueChecks(inBatches(due, scheduledFor, ports));
  return due.length;
}

/**
 * Batches of one provider each. Projects take turns within a provider, and providers in the queue, so that
 * neither a large project nor a slow provider holds up the others.
 */
function inBatches(
  due: readonly DueConnection[],
  scheduledFor: string,
  { correlationId }: Pick<OperationContext, 'correlationId'>,
): CheckBatch[] {
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

function interleaveByProject(connections: readonly DueConnection[]): DueConnection[] {
  return roundRobin([...Map.groupBy(connections, ({ projectId }) => projectId).values()]);
}

/** The first of each list, then the second of each, and so on. */
function roundRobin<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) =>
    lists.flatMap((list) => list.slice(index, index + 1)),
  ).flat();
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
