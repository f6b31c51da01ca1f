import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { openTable } from '../../../shared/adapters/aws/table/client.ts';
import { lastCheckItem } from '../../../shared/adapters/aws/table/items.ts';
import { checkKey } from '../../../shared/adapters/aws/table/keys.ts';
import { nextCheckAt, startOf } from '../../../shared/domain/checks/slots.ts';
import type { ChecksHouse } from './house.ts';
import type { Tenant } from './tenants.ts';

/** How many connections the table says to be checked well for their turn in the hour from the `first` minute on. */
export async function storedAsDue(
  { engineUrl, tableName }: ChecksHouse,
  tenants: readonly Tenant[],
  first: number,
): Promise<number> {
  const turns = await storedTurns(engineUrl, tableName);
  return tenants
    .flatMap(({ connections }) => connections)
    .filter(({ stored: { connection, cadence } }) => {
      // The next after the minute before: `nextCheckAt` tells what comes after a time.
      const scheduledFor = nextCheckAt(connection.id, cadence, startOf(first - 1));
      return turns.get(checkKey(connection.id).pk) === scheduledFor.toISOString();
    }).length;
}

/** The turns of all checks that went well, by their partition. */
async function storedTurns(engineUrl: string, tableName: string): Promise<ReadonlyMap<unknown, string>> {
  process.env.AWS_ENDPOINT_URL_DYNAMODB = engineUrl;
  const { client } = openTable(tableName);
  const turns = new Map<unknown, string>();
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new ScanCommand({
        TableName: tableName,
        FilterExpression: 'sk = :sk',
        ExpressionAttributeValues: { ':sk': checkKey('').sk },
        ExclusiveStartKey,
      }),
    );
    for (const item of Items) {
      const { scheduledFor, outcome } = lastCheckItem.parse(item);
      if (scheduledFor && outcome === 'ok') turns.set(item.pk, scheduledFor);
    }
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey);
  client.destroy();
  return turns;
}
