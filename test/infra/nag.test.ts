import { type Acknowledgment, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { SettingsInput } from '../../infra/settings.ts';
import { synthesizeStage } from './synthesized.ts';

const LAYER_ARN = 'arn:aws:lambda:eu-central-1:123456789012:layer:AWSOpenTelemetryDistroJs:1';
const COPY_VAULT = 'arn:aws:backup:eu-central-1:210987654321:backup-vault:connections';
const TABLE_ARN = 'arn:aws:dynamodb:eu-west-1:123456789012:table/restored';
const RESTORED_TABLE = { arn: TABLE_ARN, streamArn: `${TABLE_ARN}/stream/1` };
const ENGINE_THROTTLE = { rate: 10, burst: 20, reservedConcurrency: 5 };

/** Beside what the valid settings of the tests have. */
const EVERY_OPTION: Partial<SettingsInput> = {
  identity: undefined,
  otherIssuers: [{ issuer: 'https://new.example.com', audience: ['api'] }],
  apiUrl: 'https://api.example.com',
  backup: { copyTo: COPY_VAULT },
  console: {},
  credentials: { store: 'sealed', keyringReplicas: ['eu-north-1'] },
  releases: { canaryMinutes: 15 },
  restoredTable: RESTORED_TABLE,
  telemetry: { layerArn: LAYER_ARN },
  throttledKeys: true,
  throttling: { rate: 20, burst: 40, engine: ENGINE_THROTTLE },
};

/** Returns the rule of every finding that is not acknowledged. */
function findings(changes: Partial<SettingsInput>): readonly string[] {
  const { app } = synthesizeStage(changes);
  const { violations } = new AwsSolutionsChecks(app).validateScope(app);
  return violations.map(({ ruleName }) => ruleName);
}

describe('cdk-nag', () => {
  test.each<[string, Partial<SettingsInput>]>([
    ['an issuer', {}],
    ['a user pool', { identity: undefined }],
    ['a second issuer', { otherIssuers: [{ issuer: 'https://new.example.com', audience: ['api'] }] }],
    ['a console without a domain of its own', { console: { clientId: 'console' } }],
    ['no console', { console: false }],
    ['no notices', { notices: undefined }],
    ['no webhook', { webhook: undefined }],
    ['backups', { backup: {} }],
    ['OpenTelemetry', { telemetry: { layerArn: LAYER_ARN } }],
    ['a copy of each backup', { backup: { keepDays: 90, copyTo: COPY_VAULT } }],
    ['a backup of a restored table', { backup: {}, restoredTable: RESTORED_TABLE }],
    ['releases', { releases: { canaryMinutes: 10 } }],
    ['a throttle of the engine', { throttling: { rate: 20, burst: 40, engine: ENGINE_THROTTLE } }],
    ['the keys that are throttled', { throttledKeys: true }],
    ['sealed credentials', { credentials: { store: 'sealed' } }],
    ['replicas of the keyrings', { credentials: { keyringReplicas: ['eu-north-1', 'eu-west-1'] } }],
    ['an address of its own', { apiUrl: 'https://api.example.com' }],
    ['every option', EVERY_OPTION],
    ['no optional feature', { notices: undefined, webhook: undefined, whenDeleted: 'remove' }],
    ['an account and a region', { deployTo: { account: '123456789012', region: 'eu-central-1' } }],
  ])('has no unacknowledged finding in a stage with %s', (_, changes) => {
    expect(findings(changes)).toEqual([]);
  });

  test('has a finding for every acknowledgment, and every acknowledgment has a reason', () => {
    const acknowledged: Acknowledgment[] = [];
    const acknowledge = vi.spyOn(Validations.prototype, 'acknowledge');
    onTestFinished(() => acknowledge.mockRestore());
    acknowledge.mockImplementation((...acknowledgments) => {
      acknowledged.push(...acknowledgments);
    });
    const found = findings({ identity: undefined, console: {}, backup: {} });
    expect(new Set(acknowledged.map(({ id }) => id))).toEqual(new Set(found));
    for (const { reason } of acknowledged) expect(reason).toMatch(/^\w.{30,}\.$/);
  });
});
