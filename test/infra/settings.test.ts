import { describe, expect, test } from 'vitest';
import { readSettings, SettingsError } from '../../infra/settings.ts';
import { stages } from '../../infra/stages/index.ts';
import { VALID_SETTINGS } from './valid-settings.ts';

const read = (changes: object) => readSettings({ test: { ...VALID_SETTINGS, ...changes } }, 'test');

function settingsErrorMessage(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  return 'no error';
}

const LAYER_ARN = 'arn:aws:lambda:eu-west-1:123456789012:layer:AWSOpenTelemetryDistroJs:1';
const OTHER_ISSUER = { issuer: 'https://other.example.com', audience: ['api'] };

describe('settings', () => {
  test.each(Object.keys(stages))('of stage %s are valid', (stage) => {
    expect(readSettings(stages, stage)).toMatchObject({ stage });
  });

  test('of an unknown stage are refused with the names of the known ones', () => {
    expect(() => readSettings(stages, 'staging')).toThrow('No stage "staging": infra/stages has dev, prod');
    expect(() => readSettings(stages, 'toString')).toThrow('No stage "toString"');
  });

  test.each<[string, object, string]>([
    ['a name that differs from its key', { stage: 'other' }, 'stage: must be "test"'],
    ['a name with capitals and a space', { stage: 'My Stage' }, 'stage: must be a lower-case word'],
    [
      'an account of two digits',
      { deployTo: { account: '12', region: 'eu-central-1' } },
      'deployTo.account: must',
    ],
    [
      'a city as its region',
      { deployTo: { account: '123456789012', region: 'Paris' } },
      'deployTo.region: must',
    ],
    ['an account and no region', { deployTo: { account: '123456789012' } }, 'deployTo.region: '],
    [
      'an issuer without TLS',
      { identity: { issuer: 'http://a.example', audience: ['a'] } },
      'identity.issuer: must',
    ],
    ['a canary of 5 minutes', { releases: { canaryMinutes: 5 } }, 'releases.canaryMinutes: must be one of'],
    [
      'a layer without a version',
      { telemetry: { layerArn: 'arn:aws:lambda:eu-west-1:123456789012:layer:AWSOpenTelemetryDistroJs' } },
      'telemetry.layerArn: must be the ARN',
    ],
    [
      'an endpoint of traces without TLS',
      {
        telemetry: {
          layerArn: LAYER_ARN,
          tracesEndpoint: 'http://collector.example.com/v1/traces',
        },
      },
      'telemetry.tracesEndpoint: must be an https URL',
    ],
    [
      'another issuer without TLS',
      { otherIssuers: [{ issuer: 'http://a.example', audience: ['a'] }] },
      'otherIssuers.0.issuer: must be an https URL',
    ],
    [
      'the same issuer twice, once with a slash',
      { otherIssuers: [OTHER_ISSUER, { ...OTHER_ISSUER, issuer: 'https://other.example.com/' }] },
      'otherIssuers: must not name an issuer twice',
    ],
    [
      'the issuer of identity among the others',
      { otherIssuers: [{ issuer: 'https://issuer.example.com/', audience: ['a'] }] },
      'otherIssuers: must not name the issuer of identity',
    ],
    [
      'another issuer without an audience',
      { otherIssuers: [{ ...OTHER_ISSUER, audience: [] }] },
      'otherIssuers.0.audience: ',
    ],
    [
      'headers of traces without an endpoint',
      { telemetry: { layerArn: LAYER_ARN, tracesHeaders: { secretName: 'platform/otlp' } } },
      'telemetry.tracesEndpoint: must be set with tracesHeaders',
    ],
    ['no audience', { identity: { issuer: 'https://a.example', audience: [] } }, 'identity.audience: '],
    [
      'an origin with a path',
      { allowedOrigins: ['https://a.example/'] },
      'allowedOrigins.0: must be https://host',
    ],
    ['a wildcard origin', { allowedOrigins: ['*'] }, 'allowedOrigins.0: must be https://host'],
    [
      'an origin without TLS that is not localhost',
      { allowedOrigins: ['http://app.example.com'] },
      'allowedOrigins.0: must be https://host',
    ],
    [
      'no issuer, no console and no origin',
      { identity: undefined, console: false, allowedOrigins: [] },
      'allowedOrigins: must not be empty without identity',
    ],
    ['a console without a client at the issuer', { console: {} }, 'console.clientId: must name the client'],
    [
      'a certificate of another Region',
      {
        console: {
          clientId: 'a',
          domain: {
            name: 'console.example.com',
            certificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/1',
          },
        },
      },
      "certificateArn: must be a certificate's ARN in us-east-1",
    ],
    ['an unknown field of the console', { console: { clientId: 'a', url: 'b' } }, 'console: '],
    [
      'links of notices with a slash at the end',
      { notices: { emails: [], linksTo: 'https://a.example/' } },
      'notices.linksTo: must not end with a slash',
    ],
    ['a throttling rate of zero', { throttling: { rate: 0, burst: 1 } }, 'throttling.rate: '],
    [
      'a retention that CloudWatch Logs does not have',
      { logs: { level: 'INFO', retentionDays: 31 } },
      'logs.retentionDays: must be one of 1, 3',
    ],
    ['an unknown log level', { logs: { level: 'LOUD', retentionDays: 30 } }, 'logs.level: '],
    ['a log level that drops metrics', { logs: { level: 'WARN', retentionDays: 30 } }, 'logs.level: '],
    [
      'a concurrency below the minimum of SQS event sources',
      { checks: { concurrency: 1 } },
      'checks.concurrency: ',
    ],
    [
      'a call budget without a call',
      { checks: { callsPerSecondOf: { hubspot: 0 } } },
      'checks.callsPerSecondOf.hubspot: ',
    ],
    [
      'a call budget of a name that no provider can have',
      { checks: { callsPerSecondOf: { HubSpot: 50 } } },
      "must be a provider's id",
    ],
    [
      'an archive that outlasts the record of sent notices',
      { events: { archiveDays: 45 } },
      'events.archiveDays: ',
    ],
    ['a notice to a word that is no email address', { notices: { emails: ['all'] } }, 'notices.emails.0: '],
    [
      'a webhook without TLS',
      { webhook: { url: 'http://a.example', secretName: 'a', rate: 1 } },
      'webhook.url: must be an https URL',
    ],
    [
      'a webhook whose secret is not a name',
      { webhook: { url: 'https://a.example', secretName: 'Bearer of all', rate: 1 } },
      "webhook.secretName: must be a secret's name",
    ],
    [
      "a webhook with a connection's secret",
      { webhook: { url: 'https://a.example', secretName: 'connections/test/con_1', rate: 1 } },
      'webhook.secretName: must not be among the secrets of connections',
    ],
    ['an alarm email that is no email address', { alarmEmails: ['on call'] }, 'alarmEmails.0: '],
    [
      'a restored table without ARNs',
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
    ['a reserved tag key', { tags: { 'AWS:team': 'flows' } }, 'tags.AWS:team: must be a tag key'],
    ['an unknown field', { retention: 3 }, 'Unrecognized key: "retention"'],
  ])('with %s are refused in one line', (_, changes, line) => {
    const message = settingsErrorMessage(() => read(changes));
    expect(message).toMatch(/^Settings of stage "test": [^\n]+$/);
    expect(message).toContain(line);
  });

  test('are refused with every issue at once', () => {
    expect(() => read({ whenDeleted: 'burn', alarmEmails: ['x'] })).toThrow(
      /alarmEmails.0: .*; whenDeleted: /,
    );
  });
});
