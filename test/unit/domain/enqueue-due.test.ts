import { expect, test } from 'vitest';
import { enqueueDueChecks } from '../../../shared/domain/checks/enqueue-due.ts';
import { minuteOf } from '../../../shared/domain/checks/slots.ts';

const NOW = new Date('2026-11-02T08:30:00.000Z');

/** Runs the scheduler so many minutes after its last run. Returns its report, and the slots that it asked for. */
async function runAfter(minutes: number) {
  const slots: string[] = [];
  const checkpoints: number[] = [];
  const report = await enqueueDueChecks({
    clock: { now: () => NOW },
    correlationId: 'run',
    schedule: {
      loadCheckpoint: async () => minuteOf(NOW) - minutes,
      advanceCheckpoint: async (minute) => void checkpoints.push(minute),
      async *due(cadence, slot) {
        slots.push(`${cadence} ${slot}`);
        yield { projectId: 'demo', connectionId: `con_${slot}`, providerId: 'trello' };
      },
    },
    checkQueue: { enqueue: () => Promise.resolve() },
  });
  return { report, slots, last: checkpoints.at(-1) };
}

test.each([
  [1, 1, 3],
  [60, 60, 180],
  [180, 180, 60 + 180 + 180],
  [3000, 1440, 60 + 360 + 1440],
])('after %i minutes, a run catches up %i and enqueues each of %i slots once', async (...row) => {
  const [minutes, caughtUp, checks] = row;
  const { report, slots, last } = await runAfter(minutes);
  expect(report).toEqual({ minutes: caughtUp, checks });
  expect([slots.length, new Set(slots).size, last]).toEqual([checks, checks, minuteOf(NOW)]);
});
