import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from 'aws-cdk-lib/aws-backup';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { resourceName } from '../naming.ts';
import type { Settings } from '../settings.ts';
import { RetainedKey } from './retained-key.ts';

interface TableBackupProps {
  readonly settings: Settings;
  readonly backup: NonNullable<Settings['backup']>;
  readonly tableArn: string;
}

/** Hour of the daily backup, in UTC. */
const BACKUP_HOUR = '3';

const BACKUP_POLICY = 'service-role/AWSBackupServiceRolePolicyForBackup';

/** Daily backup of the table into a vault of the stage, with a copy in another vault where the settings name one. */
export class TableBackup extends Construct {
  readonly vault: BackupVault;

  constructor(scope: Construct, id: string, { settings, backup, tableArn }: TableBackupProps) {
    super(scope, id);
    const name = resourceName(settings, 'backup');
    this.vault = new BackupVault(this, 'Vault', {
      backupVaultName: name,
      encryptionKey: new RetainedKey(this, 'Key', {
        alias: name,
        description: 'Encrypts backups of the table of connections',
      }),
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const deleteAfter = Duration.days(backup.keepDays);
    const { copyTo } = backup;
    const plan = new BackupPlan(this, 'Plan', { backupPlanName: name, backupVault: this.vault });
    plan.addRule(
      new BackupPlanRule({
        ruleName: 'daily',
        scheduleExpression: Schedule.cron({ hour: BACKUP_HOUR, minute: '0' }),
        deleteAfter,
        ...(copyTo !== undefined && {
          copyActions: [
            {
              destinationBackupVault: BackupVault.fromBackupVaultArn(this, 'CopyVault', copyTo),
              deleteAfter,
            },
          ],
        }),
      }),
    );
    plan.addSelection('Table', { role: this.#createRole(), resources: [BackupResource.fromArn(tableArn)] });
  }

  /** Creates the role with which AWS Backup reads the table and copies its backups. */
  #createRole(): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('backup.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName(BACKUP_POLICY)],
    });
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${BACKUP_POLICY}]`,
      reason: 'AWS maintains the policy of AWS Backup; the selection names the table alone.',
    });
    return role;
  }
}
