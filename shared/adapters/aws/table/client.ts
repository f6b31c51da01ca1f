import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { CLIENT_CONFIG, mapThrottlingToBusy } from '../sdk-clients.ts';

/** The table and the client that reaches it. */
export interface Table {
  readonly client: DynamoDBDocumentClient;
  readonly name: string;
}

/** Opens a table. The SDK's own variables say where and as whom. */
export function openTable(name: string): Table {
  const client = DynamoDBDocumentClient.from(mapThrottlingToBusy(new DynamoDBClient(CLIENT_CONFIG)), {
    marshallOptions: { removeUndefinedValues: true },
  });
  return { client, name };
}
