import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ContributorInsightsMode,
  type GlobalSecondaryIndexProps,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import {
  type IndexDefinition,
  TABLE,
  type TableDefinition,
} from '../../shared/adapters/aws/table/definition.ts';

interface ConnectionsTableProps {
  readonly tableName: string;
  readonly encryptionKey: IKey;
  /** @default the definition of the table */
  readonly definition?: TableDefinition;
  /** Names of indexes that no function queries, and that this deployment leaves out. */
  readonly withoutIndexes: readonly string[];
  /** True: Contributor Insights reports the keys that are throttled. */
  readonly throttledKeys: boolean;
}

/** Requests that succeed are no events of Contributor Insights in this mode. */
const THROTTLED_KEYS = { enabled: true, mode: ContributorInsightsMode.THROTTLED_KEYS };

/**
 * Table of a stage. It is a `Table`, because `TableV2` needs a concrete region for a customer-managed key.
 *
 * It has every index that functions query, whatever is left out.
 */
export class ConnectionsTable extends Table {
  constructor(scope: Construct, id: string, props: ConnectionsTableProps) {
    const { tableName, encryptionKey, definition = TABLE, withoutIndexes, throttledKeys } = props;
    const insights = throttledKeys && { contributorInsightsSpecification: THROTTLED_KEYS };
    super(scope, id, {
      tableName,
      partitionKey: { name: definition.partitionKey, type: AttributeType.STRING },
      sortKey: { name: definition.sortKey, type: AttributeType.STRING },
      timeToLiveAttribute: definition.ttl,
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey,
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: 35 },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      ...insights,
    });
    const unqueried = definition.unqueriedIndexes.filter(({ name }) => !withoutIndexes.includes(name));
    for (const index of [...definition.indexes, ...unqueried])
      this.addGlobalSecondaryIndex({ ...indexProps(index), ...insights });
  }
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
