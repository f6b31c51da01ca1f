import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  ResourceInUseException,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { TABLE, type TableDefinition } from '../../shared/adapters/aws/table/definition.ts';

/**
 * Creates the table as `infra/` does on AWS.
 *
 * @returns false where it exists already.
 */
export async function createTable(tableName: string, endpoint: string): Promise<boolean> {
  const client = new DynamoDBClient({ endpoint });
  try {
    await client.send(new CreateTableCommand(tableDefinition(tableName)));
    return true;
  } catch (error) {
    if (error instanceof ResourceInUseException) return false;
    throw error;
  } finally {
    client.destroy();
  }
}

/** Deletes the table where an engine has it. */
export async function deleteTable(TableName: string, settings: DynamoDBClientConfig): Promise<void> {
  const client = new DynamoDBClient(settings);
  try {
    await client.send(new DeleteTableCommand({ TableName }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  } finally {
    client.destroy();
  }
}

/** Translates the table's definition into the input of CreateTable. */
export function tableDefinition(TableName: string): CreateTableCommandInput {
  const { partitionKey, sortKey, ...definition }: TableDefinition = TABLE;
  const indexes = [...definition.indexes, ...definition.unqueriedIndexes];
  const keys = [{ partitionKey, sortKey }, ...indexes].flatMap((index) => [
    index.partitionKey,
    index.sortKey,
  ]);
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...new Set(keys)].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: schema(partitionKey, sortKey),
    GlobalSecondaryIndexes: indexes.map((index) => ({
      IndexName: index.name,
      KeySchema: schema(index.partitionKey, index.sortKey),
      Projection:
        index.projection === 'KEYS_ONLY'
          ? { ProjectionType: 'KEYS_ONLY' }
          : { ProjectionType: 'INCLUDE', NonKeyAttributes: [...index.projection] },
    })),
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  };
}

function schema(partitionKey: string, sortKey: string) {
  return [
    { AttributeName: partitionKey, KeyType: 'HASH' as const },
    { AttributeName: sortKey, KeyType: 'RANGE' as const },
  ];
}
