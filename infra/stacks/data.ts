import { RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { type ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct, IDependable } from 'constructs';
import type { IndexName } from '../../shared/adapters/aws/table/definition.ts';
import type { TrustedIssuer } from '../../shared/contract/http/authorizers.ts';
import { ConnectionsTable } from '../constructs/connections-table.ts';
import { allowLogGroups, RetainedKey } from '../constructs/retained-key.ts';
import { TableBackup } from '../constructs/table-backup.ts';
import { UserPool } from '../constructs/user-pool.ts';
import type { ExistingParts } from '../existing-parts.ts';
import { logGroupPatterns, resourceName } from '../naming.ts';
import type { Settings } from '../settings.ts';

interface DataStackProps extends StackProps {
  readonly settings: Settings;
  readonly existing: Pick<ExistingParts, 'userPool' | 'tableKey' | 'secretsKey'>;
}

/**
 * Table, keys, keyrings and user pool. The stack is protected from deletion, and its resources are retained if it is
 * deleted. After a first deployment that failed, it can be deployed again (docs/operations.md).
 */
export class DataStack extends Stack {
  /** Table in use: this stack's own, or the restored one of the settings. */
  readonly table: Table | ITable;
  readonly tableStreamArn: string;
  /** Returns the ARN of an index of that table, for another stack. */
  readonly indexArn: (name: IndexName) => string;
  readonly tableKey: IKey;
  readonly secretsKey: IKey;
  /** Secret from which access tokens are sealed. */
  readonly dataKeySecret: Secret;
  /** Secret from which the data keys of projects are sealed. */
  readonly credentialsKeySecret: Secret;
  /** Undefined in a stage whose settings have `identity`. */
  readonly userPool: UserPool | undefined;
  /** Issuer of users' access tokens: that of the settings, or the user pool. */
  readonly identity: TrustedIssuer;

  constructor(scope: Construct, id: string, { settings, existing, ...props }: DataStackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const tableKey =
      existing.tableKey ??
      new RetainedKey(this, 'TableKey', {
        alias: resourceName(settings, 'table'),
        description: 'Encrypts the table of connections and the logs',
      });
    allowLogGroups(this, tableKey, logGroupPatterns(settings));
    this.tableKey = tableKey;
    this.secretsKey =
      existing.secretsKey ??
      new RetainedKey(this, 'SecretsKey', {
        alias: resourceName(settings, 'secrets'),
        description: "Encrypts connections' credentials",
      });
    this.dataKeySecret = createKeyring(this, 'DataKey', {
      settings,
      encryptionKey: this.secretsKey,
      description: 'Data keys that seal access tokens and authorizations in the table of connections',
    });
    this.credentialsKeySecret = createKeyring(this, 'CredentialsKey', {
      settings,
      encryptionKey: this.secretsKey,
      description:
        'Data keys that seal the data keys of projects, which seal credentials in the table of connections',
    });
    const { restoredTable, withoutIndexes, throttledKeys } = settings;
    const table = new ConnectionsTable(this, 'Table', {
      tableName: resourceName(settings, 'table'),
      encryptionKey: tableKey,
      withoutIndexes,
      throttledKeys,
    });
    // CloudFormation cannot remove a protected table when a first deployment fails, so it creates the table last.
    const createdBefore: IDependable[] = [
      tableKey,
      this.secretsKey,
      this.dataKeySecret,
      this.credentialsKeySecret,
    ];
    this.table = restoredTable
      ? Table.fromTableAttributes(this, 'RestoredTable', {
          tableArn: restoredTable.arn,
          tableStreamArn: restoredTable.streamArn,
        })
      : table;
    this.tableStreamArn = streamArn(this.table);
    this.indexArn = (name) =>
      restoredTable ? `${restoredTable.arn}/index/${name}` : table.importIndex(name);
    const { backup, identity } = settings;
    if (backup) {
      const { vault } = new TableBackup(this, 'Backup', { settings, backup, tableArn: this.table.tableArn });
      createdBefore.push(vault);
    }
    if (identity) {
      this.identity = identity;
    } else {
      this.userPool = new UserPool(this, 'UserPool', settings, existing.userPool);
      this.identity = this.userPool.identity;
      createdBefore.push(this.userPool);
    }
    table.node.addDependency(...createdBefore);
  }
}

/**
 * Creates a keyring: a secret with data keys by their ids, of which `current` seals. `npm run keyring -- rotate` adds a key
 * (docs/operations.md), and keeps the others for what they sealed.
 */
function createKeyring(
  scope: Construct,
  id: string,
  { encryptionKey, description, settings }: { encryptionKey: IKey; description: string; settings: Settings },
): Secret {
  const replicas = settings.credentials.keyringReplicas.map((region) => ({ region }));
  const secret = new Secret(scope, id, {
    description,
    encryptionKey,
    generateSecretString: {
      ...{ secretStringTemplate: '{"current":"1"}', generateStringKey: '1' },
      ...{ passwordLength: 64, excludePunctuation: true },
    },
    ...(replicas.length > 0 && { replicaRegions: replicas }),
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason: 'One command adds a key, without a rotation function: docs/operations.md.',
  });
  return secret;
}

function streamArn({ tableStreamArn }: Table | ITable): string {
  if (tableStreamArn === undefined) throw new Error('The table has no stream.');
  return tableStreamArn;
}
