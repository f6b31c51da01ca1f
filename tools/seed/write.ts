import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { type Action, onTable } from '../../shared/adapters/aws/table/action.ts';
import type { Table } from '../../shared/adapters/aws/table/client.ts';

/** The most writes that DynamoDB takes in one transaction. */
const TRANSACTION = 100;

/**
 * Carries out the actions, in as few transactions as hold them. The local engine commits a transaction once,
 * where it would commit a BatchWriteItem once for each item: that is 3 to 4 times as fast.
 */
export async function writeAll(table: Table, actions: readonly Action[]): Promise<void> {
  for (let start = 0; start < actions.length; start += TRANSACTION) {
    const TransactItems = onTable(table.name, actions.slice(start, start + TRANSACTION));
    await table.client.send(new TransactWriteCommand({ TransactItems }));
  }
}
