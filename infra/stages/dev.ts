import type { SettingsInput } from '../settings.ts';

/**
 * Stage for development. Its stacks, when deleted, leave only data: table, keys, user pool and connections'
 * secrets.
 */
export const dev: SettingsInput = {
  stage: 'dev',
  allowedOrigins: ['http://localhost:5173'],
  throttling: { rate: 50, burst: 100 },
  logs: { level: 'DEBUG', retentionDays: 7 },
  alarmEmails: [],
  whenDeleted: 'remove',
  tags: {},
};
