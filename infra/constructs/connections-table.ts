import { CfnOutput, Fn, RemovalPolicy } from 'aws-cdk-lib';
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
  type IndexName,
  TABLE,
  type TableDefinition,
} from '../../shared/adapters/aws/table/definition.ts';
import { indexExport } from '../naming.ts';

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
 * It has every index that functions query, whatever is left out. Its stack exports the ARN of each index:
 * CloudFormation refuses to delete an export that another stack imports, and the index with it (docs/decisions/0044).
 */
export class ConnectionsTable extends Table {
  readonly #name: string;

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
    this.#name = tableName;
    const unqueried = definition.unqueriedIndexes.filter(({ name }) => !withoutIndexes.includes(name));
    for (const index of [...definition.indexes, ...unqueried]) {
      this.addGlobalSecondaryIndex({ ...indexProps(index), ...insights });
      new CfnOutput(this, `Index-${index.name}`, {
        value: `${this.tableArn}/index/${index.name}`,
        exportName: indexExport(tableName, index.name),
      });
    }
  }

  /** Imports the ARN of an index into another stack. */
  importIndex(name: IndexName): string {
    return Fn.importValue(indexExport(this.#name, name));
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
