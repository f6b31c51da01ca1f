import type { HistoryReader } from '../../../domain/model/history.ts';
import { invalidCursor } from '../../../domain/paging.ts';
import type { Table } from './client.ts';
import { historyItem } from './items.ts';
import { connectionPk, HISTORY_SKS, historyKey } from './keys.ts';
import { queryPage } from './query.ts';

const ENTRY_ID = /^[0-9a-f-]{36}$/;

/** Reads history from the table. */
export function historyReader(table: Table): HistoryReader {
  return {
    async list({ projectId, connectionId }, { limit, after }) {
      if (after !== null && !ENTRY_ID.test(after)) throw invalidCursor();
      const range = {
        partition: ['pk', connectionPk(connectionId)],
        sort: ['sk', HISTORY_SKS.from, HISTORY_SKS.to],
        order: 'desc',
        startKey: after === null ? undefined : { ...historyKey(connectionId, after) },
      } as const;
      const { items, more } = await queryPage(table, range, limit);
      const entries = items.map((item) => historyItem.parse(item));
      if (entries.some((entry) => entry.projectId !== projectId)) return { items: [], next: null };
      return { items: entries, next: more ? (entries.at(-1)?.id ?? null) : null };
    },
  };
}
