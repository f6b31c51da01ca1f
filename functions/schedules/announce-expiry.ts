import { catalog } from '../../shared/catalog/index.ts';
import { schedules } from '../../shared/contract/background/index.ts';
import { announceExpiry } from '../../shared/domain/connections/announce-expiry.ts';
import { onSchedule } from '../../shared/runtime/background/schedule.ts';
import { tableRead, tableWrite } from '../wiring/table.ts';

export const handler = onSchedule(schedules.announceExpiry, announceExpiry, {
  catalog,
  ports: () => ({ ...tableRead(), ...tableWrite() }),
});
