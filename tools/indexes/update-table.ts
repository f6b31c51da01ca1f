import type { IndexDefinition } from '../../shared/adapters/aws/table/definition.ts';

/** Returns the command that creates an index of a table that CloudFormation does not change. */
export function createCommand(
  tableName: string,
  { name, partitionKey, sortKey, projection }: IndexDefinition,
): string {
  const definitions = [partitionKey, sortKey].map(
    (AttributeName) => `AttributeName=${AttributeName},AttributeType=S`,
  );
  const Create = {
    IndexName: name,
    KeySchema: [
      { AttributeName: partitionKey, KeyType: 'HASH' },
      { AttributeName: sortKey, KeyType: 'RANGE' },
    ],
    Projection:
      projection === 'KEYS_ONLY'
        ? { ProjectionType: 'KEYS_ONLY' }
        : { ProjectionType: 'INCLUDE', NonKeyAttributes: projection },
  };
  return `${update(tableName)} --attribute-definitions ${definitions.join(' ')} ${updates({ Create })}`;
}

/** Returns the command that deletes an index of such a table. */
export function deleteCommand(tableName: string, name: string): string {
  return `${update(tableName)} ${updates({ Delete: { IndexName: name } })}`;
}

const update = (tableName: string) => `aws dynamodb update-table --table-name ${tableName}`;
const updates = (change: object) => `--global-secondary-index-updates '${JSON.stringify([change])}'`;
