import { readFileSync } from 'node:fs';
import { type CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import {
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { indexExport, resourceName } from '../../infra/naming.ts';
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

/** Indexes in the templates of a stage's deployed stacks. */
export interface TemplateIndexes {
  /** Those that the stack of the table created. */
  readonly inStack: ReadonlySet<string>;
  /** Those that the roles of functions name. */
  readonly queried: ReadonlySet<string>;
}

/** Reads the indexes in the deployed templates of a stage. A stack that does not exist has none. */
export async function readTemplateIndexes(
  client: CloudFormationClient,
  stage: string,
): Promise<TemplateIndexes> {
  const data = await readTemplate(client, resourceName({ stage }, 'data'));
  const api = await readTemplate(client, resourceName({ stage }, 'api'));
  return { inStack: indexesOfTable(data), queried: indexesOfRoles(api, resourceName({ stage }, 'table')) };
}

async function readTemplate(client: CloudFormationClient, StackName: string): Promise<string> {
  try {
    return (await client.send(new GetTemplateCommand({ StackName }))).TemplateBody ?? '';
  } catch (error) {
    // CloudFormation's error for a stack that does not exist has no name of its own.
    if (error instanceof Error && /does not exist/.test(error.message)) return '';
    throw error;
  }
}

/** Returns the names of the indexes that a template creates. */
export function indexesOfTable(template: string): ReadonlySet<string> {
  return namesIn(template, /"IndexName":\s*"([\w.-]+)"/g);
}

/**
 * Returns the names of the indexes whose ARNs the statements of a template contain, or import from the stack of the
 * stage's own table.
 */
export function indexesOfRoles(template: string, ownTable: string): ReadonlySet<string> {
  return namesIn(template, new RegExp(`(?:/index/|"${indexExport(ownTable, '')})([\\w.-]+)`, 'g'));
}

function namesIn(template: string, pattern: RegExp): ReadonlySet<string> {
  return new Set(Array.from(template.matchAll(pattern), ([, name = '']) => name));
}
