import { type Acknowledgment, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { SettingsInput } from '../../infra/settings.ts';
import { synthesizeStage } from './synthesized.ts';

const LAYER_ARN = 'arn:aws:lambda:eu-central-1:123456789012:layer:AWSOpenTelemetryDistroJs:1';

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
    ['a console without a domain of its own', { console: { clientId: 'console' } }],
    ['no console', { console: false }],
    ['no notices', { notices: undefined }],
    ['no webhook', { webhook: undefined }],
    ['backups', { backup: {} }],
    ['OpenTelemetry', { telemetry: { layerArn: LAYER_ARN } }],
    ['releases', { releases: { canaryMinutes: 10 } }],
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
    const found = findings({ identity: undefined, console: {} });
    expect(new Set(acknowledged.map(({ id }) => id))).toEqual(new Set(found));
    for (const { reason } of acknowledged) expect(reason).toMatch(/^\w.{30,}\.$/);
  });
});
