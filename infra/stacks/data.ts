import { RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  type GlobalSecondaryIndexProps,
  type ITable,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { type IndexDefinition, TABLE } from '../../shared/adapters/aws/table/definition.ts';
import { RetainedKey } from '../constructs/retained-key.ts';
import { type Identity, UserPool } from '../constructs/user-pool.ts';
import { logGroupPatterns, resourceName } from '../naming.ts';
import type { Settings } from '../settings.ts';

/**
 * Table, keys, keyrings and user pool. The stack is protected from deletion, and its resources are retained if it is
 * deleted.
 */
export class DataStack extends Stack {
  /** Table in use: this stack's own, or the restored one of the settings. */
  readonly table: Table | ITable;
  readonly tableStreamArn: string;
  readonly tableKey: IKey;
  readonly secretsKey: IKey;
  /** Secret from which access tokens are sealed. */
  readonly dataKeySecret: Secret;
  /** Secret from which the data keys of projects are sealed. */
  readonly credentialsKeySecret: Secret;
  /** Undefined in a stage whose settings have `identity`. */
  readonly userPool: UserPool | undefined;
  readonly identity: Identity;

  constructor(scope: Construct, settings: Settings, props: StackProps) {
    super(scope, resourceName(settings, 'data'), { ...props, terminationProtection: true });
    const tableKey = new RetainedKey(this, 'TableKey', {
      alias: resourceName(settings, 'table'),
      description: 'Encrypts the table of connections and the logs',
    });
    tableKey.allowLogGroups(logGroupPatterns(settings));
    this.tableKey = tableKey;
    this.secretsKey = new RetainedKey(this, 'SecretsKey', {
      alias: resourceName(settings, 'secrets'),
      description: "Encrypts connections' credentials",
    });
    this.dataKeySecret = createKeyring(
      this,
      'DataKey',
      this.secretsKey,
      'Data keys that seal access tokens and authorizations in the table of connections',
    );
    this.credentialsKeySecret = createKeyring(
      this,
      'CredentialsKey',
      this.secretsKey,
      'Data keys that seal the data keys of projects, which seal credentials in the table of connections',
    );
    const table = createTable(this, resourceName(settings, 'table'), tableKey);
    const { restoredTable } = settings;
    this.table = restoredTable
      ? Table.fromTableAttributes(this, 'RestoredTable', {
          tableArn: restoredTable.arn,
          tableStreamArn: restoredTable.streamArn,
        })
      : table;
    this.tableStreamArn = streamArn(this.table);
    const { identity } = settings;
    if (identity) {
      this.identity = identity;
    } else {
      this.userPool = new UserPool(this, 'UserPool', settings);
      this.identity = this.userPool.identity;
    }
  }
}

/**
 * Creates a keyring: a secret with data keys by their ids, of which `current` seals. `npm run keyring -- rotate` adds a key
 * (docs/operations.md), and keeps the others for what they sealed.
 */
function createKeyring(scope: Construct, id: string, encryptionKey: IKey, description: string): Secret {
  const secret = new Secret(scope, id, {
    description,
    encryptionKey,
    generateSecretString: {
      ...{ secretStringTemplate: '{"current":"1"}', generateStringKey: '1' },
      ...{ passwordLength: 64, excludePunctuation: true },
    },
    removalPolicy: RemovalPolicy.RETAIN,
  });
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason: 'One command adds a key, without a rotation function: docs/operations.md.',
  });
  return secret;
}

/** Creates a `Table`, because `TableV2` needs a concrete region for a customer-managed key. */
function createTable(scope: Construct, tableName: string, encryptionKey: IKey): Table {
  const table = new Table(scope, 'Table', {
    tableName,
    partitionKey: { name: TABLE.partitionKey, type: AttributeType.STRING },
    sortKey: { name: TABLE.sortKey, type: AttributeType.STRING },
    timeToLiveAttribute: TABLE.ttl,
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey,
    stream: StreamViewType.NEW_AND_OLD_IMAGES,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: 35 },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  for (const definition of TABLE.indexes) table.addGlobalSecondaryIndex(indexProps(definition));
  return table;
}

function indexProps({ name, partitionKey, sortKey, projection }: IndexDefinition): GlobalSecondaryIndexProps {
  return {
    indexName: name,
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    sortKey: { name: sortKey, type: AttributeType.STRING },
    ...(projection === 'KEYS_ONLY'
      ? { projectionType: ProjectionType.KEYS_ONLY }
      : { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...projection] }),
  };
}

function streamArn({ tableStreamArn }: Table | ITable): string {
  if (tableStreamArn === undefined) throw new Error('The table has no stream.');
  return tableStreamArn;
}
