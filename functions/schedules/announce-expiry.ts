import { schedules } from '../../shared/contract/background/index.ts';
import { announceExpiry } from '../../shared/domain/connections/announce-expiry.ts';
import { onSchedule } from '../../shared/runtime/background/schedule.ts';
import { wiring } from '../wiring/index.ts';

export const handler = onSchedule(schedules.announceExpiry, announceExpiry, wiring);
