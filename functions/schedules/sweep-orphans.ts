import { schedules } from '../../shared/contract/background/index.ts';
import { sweep } from '../../shared/domain/connections/sweep.ts';
import { onSchedule } from '../../shared/runtime/background/schedule.ts';
import { wiring } from '../wiring/index.ts';

export const handler = onSchedule(schedules.sweepOrphans, sweep, wiring);
