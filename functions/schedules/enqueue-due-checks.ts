import { schedules } from '../../shared/contract/background/index.ts';
import { enqueueDueChecks } from '../../shared/domain/checks/enqueue-due.ts';
import { onSchedule } from '../../shared/runtime/background/schedule.ts';
import { countEnqueued } from '../../shared/runtime/metrics.ts';
import { wiring } from '../wiring/index.ts';

export const handler = onSchedule(
  schedules.enqueueDueChecks,
  async (ports) => {
    const { minutes, checks } = await enqueueDueChecks(ports);
    countEnqueued(minutes, checks);
    return { done: checks, failures: [] };
  },
  wiring,
);
