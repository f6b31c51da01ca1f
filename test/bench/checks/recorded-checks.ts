import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { openTable } from '../../../shared/adapters/aws/table/client.ts';
import { lastCheckItem } from '../../../shared/adapters/aws/table/items.ts';
import { lastCheckKey } from '../../../shared/adapters/aws/table/keys.ts';
import { nextCheckAt, startOf } from '../../../shared/domain/checks/slots.ts';
import type { CheckBench } from './check-bench.ts';
import type { Tenant } from './tenants.ts';

/** Counts the connections with a recorded, accepted check for their slot in the hour from the minute `first` on. */
export async function countRecordedChecks(
  { engineUrl, tableName }: CheckBench,
  tenants: readonly Tenant[],
  first: number,
): Promise<number> {
  const scheduledTimes = await readScheduledTimes(engineUrl, tableName);
  return tenants
    .flatMap(({ connections }) => connections)
    .filter(({ stored: { connection, cadence } }) => {
      // `nextCheckAt` returns the slot after a time, so the one at or after `first` is after the minute before.
      const scheduledFor = nextCheckAt(connection.id, cadence, startOf(first - 1));
      return scheduledTimes.get(lastCheckKey(connection.id).pk) === scheduledFor.toISOString();
    }).length;
}

/** Reads the scheduled times of all accepted checks, by partition key. */
async function readScheduledTimes(
  engineUrl: string,
  tableName: string,
): Promise<ReadonlyMap<unknown, string>> {
  process.env.AWS_ENDPOINT_URL_DYNAMODB = engineUrl;
  const { client } = openTable(tableName);
  const scheduledTimes = new Map<unknown, string>();
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new ScanCommand({
        TableName: tableName,
        FilterExpression: 'sk = :sk',
        ExpressionAttributeValues: { ':sk': lastCheckKey('').sk },
        ExclusiveStartKey,
      }),
    );
    for (const item of Items) {
      const { scheduledFor, outcome } = lastCheckItem.parse(item);
      if (scheduledFor && outcome === 'ok') scheduledTimes.set(item.pk, scheduledFor);
    }
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey);
  client.destroy();
  return scheduledTimes;
}
