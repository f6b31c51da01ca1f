import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import type { HistoryEntry } from '../../../domain/model/history.ts';
import { historyItem } from './items.ts';
import { parseProjectSk } from './keys.ts';

const removal = z.object({
  eventName: z.literal('REMOVE'),
  dynamodb: z.object({ Keys: z.object({ sk: z.object({ S: z.string() }) }) }),
});

/** Returns the id of the connection that a stream record removed; null for any other record. */
export function removedConnection(record: unknown): string | null {
  const parsed = removal.safeParse(record);
  if (!parsed.success) return null;
  const { kind, id } = parseProjectSk(parsed.data.dynamodb.Keys.sk.S);
  return kind === 'connection' ? id : null;
}

const insertion = z.object({
  eventName: z.literal('INSERT'),
  dynamodb: z.object({ NewImage: z.record(z.string(), z.any()) }),
});

/**
 * Returns the history entry that a stream record inserted.
 *
 * @throws ZodError for any other record.
 */
export function insertedEntry(record: unknown): HistoryEntry {
  return historyItem.parse(unmarshall(insertion.parse(record).dynamodb.NewImage));
}
