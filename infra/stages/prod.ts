import type { SettingsInput } from '../settings.ts';

/** The stage that people work with. Give it the platform's own `identity`, origins and alarm addresses. */
export const prod: SettingsInput = {
  stage: 'prod',
  allowedOrigins: ['https://app.example.com'],
  throttling: { rate: 1_000, burst: 2_000 },
  logs: { level: 'INFO', retentionDays: 90 },
  alarmEmails: [],
  whenDeleted: 'keep',
  tags: {},
};
