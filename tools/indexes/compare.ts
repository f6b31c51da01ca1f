import type { GlobalSecondaryIndexDescription, TableDescription } from '@aws-sdk/client-dynamodb';
import type { IndexDefinition, TableDefinition } from '../../shared/adapters/aws/table/definition.ts';

/** An index of a deployed table. */
export interface DeployedIndex extends IndexDefinition {
  /** `ACTIVE`, or what DynamoDB is doing with it: `CREATING`, `UPDATING`, `DELETING`. */
  readonly status: string;
}

/** Differences between the definition of the table and a deployed table. */
export interface IndexDifferences {
  /** Defined, and not deployed. */
  readonly missing: readonly IndexDefinition[];
  /** Deployed, and not defined. */
  readonly undeclared: readonly DeployedIndex[];
  /** Deployed with other keys or another projection than defined. */
  readonly changed: readonly IndexDefinition[];
  /** Not active: DynamoDB is creating or deleting them. */
  readonly inProgress: readonly DeployedIndex[];
}

/** Compares the indexes of a definition, less those that a stage leaves out, with the deployed ones. */
export function compareIndexes(
  { indexes, unqueriedIndexes }: TableDefinition,
  deployed: readonly DeployedIndex[],
  without: readonly string[] = [],
): IndexDifferences {
  const defined = [...indexes, ...unqueriedIndexes].filter(({ name }) => !without.includes(name));
  const byName = new Map(deployed.map((index) => [index.name, index]));
  return {
    missing: defined.filter(({ name }) => !byName.has(name)),
    undeclared: deployed.filter(({ name }) => !defined.some((index) => index.name === name)),
    changed: defined.filter((index) => {
      const other = byName.get(index.name);
      return other !== undefined && shapeOf(other) !== shapeOf(index);
    }),
    inProgress: deployed.filter(({ status }) => status !== 'ACTIVE'),
  };
}

/** Returns the indexes of a table as DescribeTable describes it. */
export function indexesOf({ GlobalSecondaryIndexes = [] }: TableDescription): readonly DeployedIndex[] {
  return GlobalSecondaryIndexes.map((index) => ({
    name: index.IndexName ?? '',
    partitionKey: keyOf(index, 'HASH'),
    sortKey: keyOf(index, 'RANGE'),
    projection: projectionOf(index),
    // An emulator may leave the status out.
    status: index.IndexStatus ?? 'ACTIVE',
  }));
}

function keyOf({ KeySchema = [] }: GlobalSecondaryIndexDescription, type: 'HASH' | 'RANGE'): string {
  return KeySchema.find(({ KeyType }) => KeyType === type)?.AttributeName ?? '';
}

function projectionOf({ Projection }: GlobalSecondaryIndexDescription): IndexDefinition['projection'] {
  if (Projection?.ProjectionType === 'KEYS_ONLY') return 'KEYS_ONLY';
  return Projection?.NonKeyAttributes ?? [Projection?.ProjectionType ?? ''];
}

/** Returns everything of an index but its name, as a text. DynamoDB returns projected attributes in any order. */
function shapeOf({ partitionKey, sortKey, projection }: IndexDefinition): string {
  const attributes = projection === 'KEYS_ONLY' ? projection : projection.toSorted();
  return JSON.stringify([partitionKey, sortKey, attributes]);
}
