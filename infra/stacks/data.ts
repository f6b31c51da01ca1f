import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
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
import type { Construct } from 'constructs';
import { type IndexDefinition, TABLE } from '../../shared/adapters/aws/table/definition.ts';
import { KeptKey } from '../constructs/kept-key.ts';
import { type Identity, People } from '../constructs/people.ts';
import { logGroupPatterns, resourceName } from '../naming.ts';
import type { Settings } from '../settings.ts';

/** What must outlive everything else: it is kept when its stack is deleted, and its stack cannot be. */
export class DataStack extends Stack {
  /** The table that serves: this stack's own, or the one that a restore put in its place. */
  readonly table: Table | ITable;
  readonly tableKey: IKey;
  readonly secretsKey: IKey;
  readonly identity: Identity;

  constructor(scope: Construct, settings: Settings, props: StackProps) {
    super(scope, resourceName(settings, 'data'), { ...props, terminationProtection: true });
    const tableKey = new KeptKey(this, 'TableKey', {
      alias: resourceName(settings, 'table'),
      description: 'Encrypts the table of connections and the logs',
    });
    tableKey.allowLogs(logGroupPatterns(settings));
    this.tableKey = tableKey;
    this.secretsKey = new KeptKey(this, 'SecretsKey', {
      alias: resourceName(settings, 'secrets'),
      description: "Encrypts connections' credentials",
    });
    const table = connectionsTable(this, resourceName(settings, 'table'), tableKey);
    const { restoredTable } = settings;
    this.table = restoredTable
      ? Table.fromTableAttributes(this, 'RestoredTable', {
          tableArn: restoredTable.arn,
          tableStreamArn: restoredTable.streamArn,
        })
      : table;
    this.identity = settings.identity ?? new People(this, 'People', settings).identity;
  }
}

/** Not a `TableV2`: with a customer-managed key that one asks for a region before there is any. */
function connectionsTable(scope: Construct, tableName: string, encryptionKey: IKey): Table {
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
  for (const definition of TABLE.indexes) table.addGlobalSecondaryIndex(index(definition));
  return table;
}

function index({ name, partitionKey, sortKey, projection }: IndexDefinition): GlobalSecondaryIndexProps {
  return {
    indexName: name,
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    sortKey: { name: sortKey, type: AttributeType.STRING },
    ...(projection === 'KEYS_ONLY'
      ? { projectionType: ProjectionType.KEYS_ONLY }
      : { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...projection] }),
  };
}
