import type { SettingsInput } from '../settings.ts';

/** Production stage. Set `identity` to the platform's issuer, its origins, and email addresses for alarms. */
export const prod: SettingsInput = {
  stage: 'prod',
  allowedOrigins: ['https://app.example.com'],
  throttling: { rate: 1_000, burst: 2_000 },
  logs: { level: 'INFO', retentionDays: 90 },
  alarmEmails: [],
  whenDeleted: 'keep',
  tags: {},
};
