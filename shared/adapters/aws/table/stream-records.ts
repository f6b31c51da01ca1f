import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { versionOf } from '../../../domain/credentials/store.ts';
import type { ReplacedCredentials } from '../../../domain/issuing/retire-credentials.ts';
import type { StoredConnection } from '../../../domain/model/connection.ts';
import type { HistoryEntry } from '../../../domain/model/history.ts';
import type { ProjectEvent } from '../../../messages/project-event.ts';
import { outboxItem } from './items.ts';
import { parseProjectSk, projectOf } from './keys.ts';
import { storedConnection } from './stored-connection.ts';

const image = z.record(z.string(), z.any());
const change = z.object({
  dynamodb: z.object({
    ApproximateCreationDateTime: z.number(),
    OldImage: image,
    NewImage: z.optional(image),
  }),
});

/**
 * Returns the credentials that a change of a connection's item replaced: by a disconnect, by a reconnect, or by a move to another
 * store; null for any
 * other record, also for one of a refresh, whose credentials are of the same grant.
 */
export function replacedCredentials(record: unknown): ReplacedCredentials | null {
  const parsed = change.safeParse(record);
  if (!parsed.success) return null;
  const { ApproximateCreationDateTime: seconds, OldImage, NewImage } = parsed.data.dynamodb;
  const before = toStoredConnection(unmarshall(OldImage));
  if (!before) return null;
  const after = NewImage ? toStoredConnection(unmarshall(NewImage)) : null;
  const { lease, connection, accessToken } = before;
  const isReconnect = lease?.purpose === 'reconnect' && lease.id === after?.credentialsVersion;
  const isMoved = after !== null && after.credentialStore !== before.credentialStore;
  if (after && !isReconnect && !isMoved) return null;
  return {
    ...versionOf(before),
    providerId: connection.providerId,
    accessToken,
    successor: after && versionOf(after),
    at: new Date(seconds * 1000),
  };
}

function toStoredConnection(item: Readonly<Record<string, unknown>>): StoredConnection | null {
  const { kind } = parseProjectSk(String(item.sk));
  return kind === 'connection' ? storedConnection(item, projectOf(String(item.pk))) : null;
}

const insertion = z.object({
  eventName: z.literal('INSERT'),
  dynamodb: z.object({ NewImage: z.record(z.string(), z.any()) }),
});

/**
 * Returns the history entry, or the event of a deleted project, that a stream record inserted.
 *
 * @throws ZodError for any other record.
 */
export function insertedEntry(record: unknown): HistoryEntry | ProjectEvent {
  return outboxItem.parse(unmarshall(insertion.parse(record).dynamodb.NewImage));
}
