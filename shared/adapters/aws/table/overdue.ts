import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { DeadlineReader, Overdue } from '../../../domain/connections/reader.ts';
import type { IntentReader } from '../../../domain/connections/sweep.ts';
import { timestamp } from '../../../domain/time.ts';
import { intentItem, keyItem } from '../../../store/items.ts';
import { DEADLINE_KEY, intentKey, projectOf, readProjectSk } from '../../../store/keys.ts';
import type { Table } from './client.ts';
import { query } from './query.ts';

/** How many are read at a time. */
const CHUNK = 100;

/** Finds what crashes left behind, by the index of deadlines. */
export function overdueReader(table: Table): DeadlineReader & IntentReader {
  return {
    async *overdue(now) {
      const range = {
        index: 'deadlines',
        partition: ['deadlineKey', DEADLINE_KEY],
        sort: ['deadline', '0', timestamp(now)],
      } as const;
      for await (const item of query(table, range, CHUNK)) yield* overdueOf(item);
    },

    async findIntent({ projectId, connectionId }) {
      const Key = intentKey(projectId, connectionId);
      const { Item } = await table.client.send(
        new GetCommand({ TableName: table.name, Key, ConsistentRead: true }),
      );
      if (!Item) return undefined;
      const { deadline, abandoned } = intentItem.parse(Item);
      return { projectId, connectionId, deadline, abandoned };
    },
  };
}

function overdueOf(item: unknown): Overdue[] {
  const { pk, sk } = keyItem.parse(item);
  const { kind, id } = readProjectSk(sk);
  if (kind === 'other') return [];
  return [{ kind: kind === 'intent' ? 'creation' : 'reconnect', projectId: projectOf(pk), connectionId: id }];
}
