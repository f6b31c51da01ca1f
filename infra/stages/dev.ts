import type { SettingsInput } from '../settings.ts';

/** A stage to try things on: what it leaves behind when deleted is the data alone. */
export const dev: SettingsInput = {
  stage: 'dev',
  allowedOrigins: ['http://localhost:5173'],
  throttling: { rate: 50, burst: 100 },
  logs: { level: 'DEBUG', retentionDays: 7 },
  alarmEmails: [],
  whenDeleted: 'remove',
  tags: {},
};
