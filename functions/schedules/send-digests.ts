import { schedules } from '../../shared/contract/background/index.ts';
import { sendDigests } from '../../shared/domain/notices/notify.ts';
import { onSchedule } from '../../shared/runtime/background/schedule.ts';
import { wiring } from '../wiring/index.ts';

export const handler = onSchedule(schedules.sendDigests, sendDigests, wiring);
