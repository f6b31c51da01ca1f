import { checkBatch } from '../../../shared/domain/checks/check-batch.ts';
import { enqueueDueChecks } from '../../../shared/domain/checks/enqueue-due.ts';
import type { CheckBatch } from '../../../shared/domain/checks/ports.ts';
import { startOf } from '../../../shared/domain/checks/slots.ts';
import { type Call, unitsOf } from '../meter.ts';
import type { ScaleBench } from './open.ts';

/** A run of the scheduler for one minute. */
export interface MinuteRun {
  readonly seconds: number;
  readonly checks: number;
  readonly batches: readonly CheckBatch[];
  /** Read units of the index of slots. */
  readonly slotUnits: number;
}

/** Runs the scheduler for each of some minutes, with the table and the queue of the bench. */
export async function runMinutes(
  { ports, schedule, meter }: ScaleBench,
  first: number,
  count: number,
): Promise<readonly MinuteRun[]> {
  const runs: MinuteRun[] = [];
  for (let minute = first; minute < first + count; minute += 1) {
    const batches: CheckBatch[] = [];
    const checkQueue: typeof ports.checkQueue = {
      async enqueue(sent) {
        batches.push(...sent);
        await ports.checkQueue.enqueue(sent);
      },
    };
    meter.take();
    const startedAt = performance.now();
    const clock = { now: () => startOf(minute) };
    const { checks } = await enqueueDueChecks({ ...ports, schedule, checkQueue, clock });
    const seconds = (performance.now() - startedAt) / 1_000;
    const slotUnits = unitsOf(meter.take().filter(({ operation }) => operation === 'Query'));
    runs.push({ seconds, checks, batches, slotUnits });
  }
  return runs;
}

/** Usage of the table and of this process by checks. */
export interface CheckCosts {
  readonly checks: number;
  readonly cpuSeconds: number;
  readonly calls: readonly Call[];
}

/** Checks up to `most` connections of the batches, by the worker's code, and counts what that takes. */
export async function checkSome(
  { ports, meter }: ScaleBench,
  batches: readonly CheckBatch[],
  most: number,
): Promise<CheckCosts> {
  const calls: Call[] = [];
  let checks = 0;
  meter.take();
  const before = process.cpuUsage();
  for (const batch of batches) {
    if (checks >= most) break;
    const clock = { now: () => new Date(batch.scheduledFor) };
    const { outcomes } = await checkBatch(batch, { ...ports, clock });
    checks += Object.values(outcomes).reduce((sum, count) => sum + count, 0);
    calls.push(...meter.take().map((call) => ({ ...call, items: [] })));
  }
  const { user, system } = process.cpuUsage(before);
  return { checks, cpuSeconds: (user + system) / 1e6, calls };
}
