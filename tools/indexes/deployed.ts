import { readFileSync } from 'node:fs';
import { type CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import {
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { resourceName } from '../../infra/naming.ts';
import { type DeployedIndex, indexesOf } from './compare.ts';

const key = z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) });

/** Output of `aws dynamodb describe-table`. */
const description = z.object({
  Table: z.object({
    GlobalSecondaryIndexes: z.optional(
      z.array(
        z.object({
          IndexName: z.string(),
          IndexStatus: z.optional(z.enum(['ACTIVE', 'CREATING', 'DELETING', 'UPDATING'])),
          KeySchema: z.array(key),
          Projection: z.object({
            ProjectionType: z.enum(['ALL', 'INCLUDE', 'KEYS_ONLY']),
            NonKeyAttributes: z.optional(z.array(z.string())),
          }),
        }),
      ),
    ),
  }),
});

/** Reads the indexes of a table from a file with the output of DescribeTable. */
export function indexesInFile(file: string): readonly DeployedIndex[] {
  const { success, data } = description.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!success) throw new Error(`${file} is not the output of aws dynamodb describe-table.`);
  return indexesOf(data.Table);
}

/** Reads the indexes of a deployed table; undefined where there is no such table. */
export async function readIndexes(
  client: DynamoDBClient,
  TableName: string,
): Promise<readonly DeployedIndex[] | undefined> {
  try {
    const { Table = {} } = await client.send(new DescribeTableCommand({ TableName }));
    return indexesOf(Table);
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Returns the indexes that the roles of a stage's deployed functions name. Without functions, there are none. */
export async function readQueriedIndexes(
  client: CloudFormationClient,
  stage: string,
): Promise<ReadonlySet<string>> {
  const StackName = resourceName({ stage }, 'api');
  try {
    const { TemplateBody = '' } = await client.send(new GetTemplateCommand({ StackName }));
    return indexesInTemplate(TemplateBody);
  } catch (error) {
    // CloudFormation's error for a stack that does not exist has no name of its own.
    if (error instanceof Error && /does not exist/.test(error.message)) return new Set();
    throw error;
  }
}

/** Returns the names of the indexes whose ARNs the statements of a template contain. */
export function indexesInTemplate(template: string): ReadonlySet<string> {
  return new Set(Array.from(template.matchAll(/\/index\/([\w.-]+)/g), ([, name = '']) => name));
}
