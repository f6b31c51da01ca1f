import type { SettingsInput } from '../../infra/settings.ts';

/** Valid settings with every optional feature enabled; tests change single fields. */
export const VALID_SETTINGS: SettingsInput = {
  stage: 'test',
  identity: { issuer: 'https://issuer.example.com/', audience: ['connections'] },
  allowedOrigins: ['https://app.example.com'],
  console: {
    clientId: 'connections-console',
    domain: {
      name: 'console.example.com',
      certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1',
    },
  },
  throttling: { rate: 20, burst: 40 },
  logs: { level: 'INFO', retentionDays: 30 },
  checks: { concurrency: 7 },
  events: { archiveDays: 21 },
  notices: { emails: ['flows@example.com'] },
  webhook: { url: 'https://hooks.example.com/connections', secretName: 'hooks/connections', rate: 3 },
  alarmEmails: ['on-call@example.com'],
  whenDeleted: 'keep',
  tags: { team: 'flows' },
};
