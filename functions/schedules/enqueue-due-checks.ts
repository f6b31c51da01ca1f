import { catalog } from '../../shared/catalog/index.ts';
import { schedules } from '../../shared/contract/background/index.ts';
import { enqueueDueChecks } from '../../shared/domain/checks/enqueue-due.ts';
import { onSchedule } from '../../shared/runtime/background/schedule.ts';
import { countEnqueued } from '../../shared/runtime/metrics.ts';
import { checksEnqueue } from '../wiring/queue.ts';
import { tableRead, tableWrite } from '../wiring/table.ts';

export const handler = onSchedule(
  schedules.enqueueDueChecks,
  async (ports) => {
    const { minutes, done } = await enqueueDueChecks(ports);
    countEnqueued(minutes, done);
    return { done, failures: [] };
  },
  {
    catalog,
    ports: () => ({ ...tableRead(), ...tableWrite(), ...checksEnqueue() }),
  },
);
