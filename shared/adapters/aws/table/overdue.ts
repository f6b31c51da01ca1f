import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Overdue, RecoveryReader } from '../../../domain/connections/reader.ts';
import type { IntentReader } from '../../../domain/connections/sweep.ts';
import { timestamp } from '../../../domain/time.ts';
import type { Table } from './client.ts';
import { intentItem, keyItem } from './items.ts';
import { intentKey, projectOf, RECOVERY_KEY, readProjectSk } from './keys.ts';
import { query } from './query.ts';

/** How many are read at a time. */
const CHUNK = 100;

/** Finds what crashes left behind, by the index of deadlines. */
export function recoveryReader(table: Table): RecoveryReader & IntentReader {
  return {
    async *overdue(now) {
      const range = {
        index: 'recovery',
        partition: ['recoveryKey', RECOVERY_KEY],
        sort: ['recoverAt', '0', timestamp(now)],
      } as const;
      for await (const item of query(table, range, CHUNK)) yield* overdueOf(item);
    },

    async findIntent({ projectId, connectionId }) {
      const Key = intentKey(projectId, connectionId);
      const { Item } = await table.client.send(
        new GetCommand({ TableName: table.name, Key, ConsistentRead: true }),
      );
      if (!Item) return undefined;
      const { recoverAt: expiresAt, abandoned } = intentItem.parse(Item);
      return { projectId, connectionId, expiresAt, abandoned };
    },
  };
}

function overdueOf(item: unknown): Overdue[] {
  const { pk, sk } = keyItem.parse(item);
  const { kind, id } = readProjectSk(sk);
  if (kind === 'other') return [];
  return [{ kind: kind === 'intent' ? 'creation' : 'reconnect', projectId: projectOf(pk), connectionId: id }];
}
