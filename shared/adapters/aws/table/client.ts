import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { CLIENT_CONFIG, configureMiddleware } from '../sdk.ts';

/** A table and its client. */
export interface Table {
  readonly client: DynamoDBDocumentClient;
  readonly name: string;
}

/** Opens a table. Endpoint and credentials come from the SDK's environment variables. */
export function openTable(name: string): Table {
  const client = DynamoDBDocumentClient.from(configureMiddleware(new DynamoDBClient(CLIENT_CONFIG)), {
    marshallOptions: { removeUndefinedValues: true },
  });
  return { client, name };
}
