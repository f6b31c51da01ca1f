import { schedules } from '../../shared/contract/background/index.ts';
import { advanceDeletions } from '../../shared/domain/projects/advance.ts';
import { onSchedule } from '../../shared/runtime/background/schedule.ts';
import { wiring } from '../wiring/index.ts';

export const handler = onSchedule(schedules.advanceDeletions, advanceDeletions, wiring);
