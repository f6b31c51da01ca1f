import { describe, expect, test } from 'vitest';
import { readSettings, SettingsError } from '../../infra/settings.ts';
import { stages } from '../../infra/stages/index.ts';
import { VALID_SETTINGS } from './valid-settings.ts';

const read = (changes: object) => readSettings({ test: { ...VALID_SETTINGS, ...changes } }, 'test');

function errorMessageOf(reading: () => unknown): string {
  try {
    reading();
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  return 'nothing was refused';
}

describe('settings', () => {
  test.each(Object.keys(stages))('of stage %s are sound', (stage) => {
    expect(readSettings(stages, stage)).toMatchObject({ stage });
  });

  test('of a stage that is not there name those that are', () => {
    expect(() => readSettings(stages, 'staging')).toThrow('No stage "staging": infra/stages has dev, prod');
    expect(() => readSettings(stages, 'toString')).toThrow('No stage "toString"');
  });

  test.each<[string, object, string]>([
    ['a stage under another name', { stage: 'other' }, 'stage: must be "test"'],
    ['a stage that makes no name', { stage: 'My Stage' }, 'stage: must be a lower-case word'],
    [
      'an account that is none',
      { deployTo: { account: '12', region: 'eu-central-1' } },
      'deployTo.account: must',
    ],
    [
      'a region that is none',
      { deployTo: { account: '123456789012', region: 'Paris' } },
      'deployTo.region: must',
    ],
    ['an account alone', { deployTo: { account: '123456789012' } }, 'deployTo.region: '],
    [
      'an issuer without TLS',
      { identity: { issuer: 'http://a.example', audience: ['a'] } },
      'identity.issuer: must',
    ],
    [
      'nobody to issue tokens for',
      { identity: { issuer: 'https://a.example', audience: [] } },
      'identity.audience: ',
    ],
    [
      'an origin with a path',
      { allowedOrigins: ['https://a.example/'] },
      'allowedOrigins.0: must be https://host',
    ],
    ['any origin', { allowedOrigins: ['*'] }, 'allowedOrigins.0: must be https://host'],
    [
      'an origin without TLS that is not this machine',
      { allowedOrigins: ['http://app.example.com'] },
      'allowedOrigins.0: must be https://host',
    ],
    ['no origin to return to', { identity: undefined, allowedOrigins: [] }, 'allowedOrigins: the user pool'],
    ['no rate', { throttling: { rate: 0, burst: 1 } }, 'throttling.rate: '],
    [
      'an unheard-of retention',
      { logs: { level: 'INFO', retentionDays: 31 } },
      'logs.retentionDays: must be one of 1, 3',
    ],
    ['an unheard-of level', { logs: { level: 'LOUD', retentionDays: 30 } }, 'logs.level: '],
    [
      'a level that would swallow what alarms look at',
      { logs: { level: 'WARN', retentionDays: 30 } },
      'logs.level: ',
    ],
    ['fewer workers than Lambda takes', { checks: { concurrency: 1 } }, 'checks.concurrency: '],
    ['an archive that outlasts what is remembered', { events: { archiveDays: 45 } }, 'events.archiveDays: '],
    ['a notice to nobody in particular', { notices: { emails: ['all'] } }, 'notices.emails.0: '],
    [
      'a webhook without TLS',
      { webhook: { url: 'http://a.example', secretName: 'a', rate: 1 } },
      'webhook.url: must be an https address',
    ],
    [
      'a webhook with its secret in the settings',
      { webhook: { url: 'https://a.example', secretName: 'Bearer of all', rate: 1 } },
      "webhook.secretName: must be a secret's name",
    ],
    [
      "a webhook with a connection's secret",
      { webhook: { url: 'https://a.example', secretName: 'connections/test/con_1', rate: 1 } },
      'webhook.secretName: must not be among the secrets of connections',
    ],
    ['an address that is none', { alarmEmails: ['on call'] }, 'alarmEmails.0: '],
    [
      'a table that is none',
      { restoredTable: { arn: 'x', streamArn: 'y' } },
      "restoredTable.arn: must be a table's ARN",
    ],
    [
      "another table's stream",
      {
        restoredTable: {
          arn: 'arn:aws:dynamodb:eu-central-1:123456789012:table/restored',
          streamArn: 'arn:aws:dynamodb:eu-central-1:123456789012:table/lost/stream/2026-01-01T00:00:00.000',
        },
      },
      "restoredTable.streamArn: must be the ARN of that table's stream",
    ],
    ["a tag of AWS's own", { tags: { 'AWS:team': 'flows' } }, "tags.AWS:team: must be a tag's name"],
    ['a field misspelt', { retention: 3 }, 'Unrecognized key: "retention"'],
  ])('with %s are refused in one line', (_, changes, line) => {
    const message = errorMessageOf(() => read(changes));
    expect(message).toMatch(/^Settings of stage "test": [^\n]+$/);
    expect(message).toContain(line);
  });

  test('tell every fault at once', () => {
    expect(() => read({ whenDeleted: 'burn', alarmEmails: ['x'] })).toThrow(
      /alarmEmails.0: .*; whenDeleted: /,
    );
  });
});
