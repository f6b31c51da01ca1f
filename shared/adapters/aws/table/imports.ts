import type { ImportReader, ImportRecord } from '../../../domain/model/import-record.ts';
import type { Change } from '../../../domain/model/unit-of-work.ts';
import { getConsistent } from './batch-get.ts';
import type { Table } from './client.ts';
import { type Action, Expression } from './expression.ts';
import { importItem } from './items.ts';
import { importKey } from './keys.ts';

/** Reads the records of imported connections. */
export function importReader(table: Table): ImportReader {
  return {
    async find(ref) {
      const item = await getConsistent(table, importKey(ref.projectId, ref.platformId));
      return item && { ...ref, ...importItem.parse(item) };
    },
  };
}

/** Returns the write of a record, on the condition that it was not changed since it was read. */
export function importAction({ before, after }: Change<ImportRecord>): Action {
  const { projectId, platformId, connectionId } = after ?? before;
  const Key = importKey(projectId, platformId);
  if (before === null) {
    const Item = { ...Key, connectionId, isComplete: after.isComplete };
    return { Put: { Item, ConditionExpression: 'attribute_not_exists(pk)' } };
  }
  const expression = new Expression();
  const ConditionExpression = `${expression.name(['isComplete'])} = ${expression.value(before.isComplete)}`;
  if (after === null) return { Delete: { Key, ConditionExpression, ...expression.names() } };
  expression.set(['isComplete'], after.isComplete);
  return { Update: { Key, ConditionExpression, ...expression.update() } };
}
