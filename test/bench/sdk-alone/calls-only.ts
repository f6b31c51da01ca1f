import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  type BatchGetCommandInput,
  DynamoDBDocumentClient,
  GetCommand,
  type GetCommandInput,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';

/** The calls of a function's request, by their operation. */
export interface Calls {
  readonly Query: readonly QueryCommandInput[];
  readonly GetItem: readonly GetCommandInput[];
  readonly BatchGetItem: readonly BatchGetCommandInput[];
}

let client: DynamoDBDocumentClient | undefined;

/** The least that a function takes: the SDK doing its calls, and their results as JSON. Nothing else. */
export async function handler({ calls }: { readonly calls: Calls }) {
  client ??= DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const sending = client;
  const results = await Promise.all([
    ...calls.Query.map(async (input) => (await sending.send(new QueryCommand(input))).Items),
    ...calls.GetItem.map(async (input) => (await sending.send(new GetCommand(input))).Item),
    ...calls.BatchGetItem.map(async (input) => (await sending.send(new BatchGetCommand(input))).Responses),
  ]);
  return { statusCode: 200, body: JSON.stringify(results) };
}
