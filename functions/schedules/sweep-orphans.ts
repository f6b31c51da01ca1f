import { catalog } from '../../shared/catalog/index.ts';
import { schedules } from '../../shared/contract/background/index.ts';
import { sweepOverdue } from '../../shared/domain/connections/sweep.ts';
import { onSchedule } from '../../shared/runtime/background/schedule.ts';
import { secretsRemove, secretsWrite } from '../wiring/secrets.ts';
import { tableRead, tableWrite } from '../wiring/table.ts';

export const handler = onSchedule(schedules.sweepOrphans, sweepOverdue, {
  catalog,
  ports: () => ({ ...tableRead(), ...tableWrite(), ...secretsWrite(), ...secretsRemove() }),
});
