import * as z from 'zod/mini';
import type { HistoryEntry } from '../../../domain/connections/history.ts';
import { historyItem } from './items.ts';
import { readProjectSk } from './keys.ts';
import { plainItem } from './plain.ts';

const removal = z.object({
  eventName: z.literal('REMOVE'),
  dynamodb: z.object({ Keys: z.object({ sk: z.object({ S: z.string() }) }) }),
});

/** The id of the connection whose removal a stream record tells; null where it tells something else. */
export function removedConnection(record: unknown): string | null {
  const parsed = removal.safeParse(record);
  if (!parsed.success) return null;
  const { kind, id } = readProjectSk(parsed.data.dynamodb.Keys.sk.S);
  return kind === 'connection' ? id : null;
}

const insertion = z.object({
  eventName: z.literal('INSERT'),
  dynamodb: z.object({ NewImage: z.unknown() }),
});

/**
 * The history entry whose writing a stream record tells.
 *
 * @throws ZodError for a record of anything else.
 */
export function writtenEntry(record: unknown): HistoryEntry {
  return historyItem.parse(plainItem(insertion.parse(record).dynamodb.NewImage));
}
