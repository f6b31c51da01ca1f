import { expect, test } from 'vitest';
import * as z from 'zod';
import { findResources, parseProperties, synthesizeStage } from './synthesized.ts';

const VAULT = 'arn:aws:backup:eu-central-1:210987654321:backup-vault:connections';
const plan = z.object({
  BackupPlan: z.object({ BackupPlanRule: z.array(z.record(z.string(), z.unknown())).length(1) }),
});

function ruleOf(backup: { readonly keepDays?: number; readonly copyTo?: string }) {
  const { data } = synthesizeStage({ backup });
  const [found] = parseProperties(data, 'AWS::Backup::BackupPlan', plan);
  return found?.BackupPlan.BackupPlanRule[0];
}

test('backups are daily, kept as long as the settings say, and copied to the vault that they name', () => {
  expect(ruleOf({ keepDays: 90, copyTo: VAULT })).toMatchObject({
    ScheduleExpression: 'cron(0 3 * * ? *)',
    Lifecycle: { DeleteAfterDays: 90 },
    CopyActions: [{ DestinationBackupVaultArn: VAULT, Lifecycle: { DeleteAfterDays: 90 } }],
  });
  expect(ruleOf({})).not.toHaveProperty('CopyActions');
});

test('backups are of the serving table alone, and stay when the stack is deleted', () => {
  const arn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/restored';
  const restoredTable = { arn, streamArn: `${arn}/stream/1` };
  const selection = z.object({ BackupSelection: z.object({ Resources: z.array(z.unknown()) }) });
  const { data } = synthesizeStage({ backup: {}, restoredTable });
  expect(parseProperties(data, 'AWS::Backup::BackupSelection', selection)).toEqual([
    { BackupSelection: { Resources: [arn] } },
  ]);
  const [vault] = findResources(data, 'AWS::Backup::BackupVault');
  expect(vault).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  expect(vault?.Properties).toHaveProperty('EncryptionKeyArn');
});

test('a stage without backups has no vault', () => {
  expect(JSON.stringify(findResources(synthesizeStage().data))).not.toContain('AWS::Backup');
});

test('both keyrings, and no other secret, have a replica in each region of the settings', () => {
  const { data } = synthesizeStage({ credentials: { keyringReplicas: ['eu-north-1'] } });
  const secrets = findResources(data, 'AWS::SecretsManager::Secret');
  expect(secrets).toHaveLength(2);
  for (const { Properties } of secrets)
    expect(Properties?.ReplicaRegions).toEqual([{ Region: 'eu-north-1' }]);
  expect(JSON.stringify(findResources(synthesizeStage().data))).not.toContain('ReplicaRegions');
});
