import { type OperationContext, timestamp } from '../operation-context.ts';
import type { Page, PageRequest } from '../paging.ts';
import type { HistoryReason, HistoryType, Status } from '../terms.ts';
import type { Connection, ConnectionRef } from './connection.ts';
import type { AffectedFlows } from './flow.ts';

/** The cause of a change: a user, or the system through a schedule or a check. */
export type Actor = { readonly type: 'user'; readonly id: string } | { readonly type: 'system' };

/** Actor of every change that no user asked for. */
export const SYSTEM: Actor = { type: 'system' };

/** The changed values on one side of a change. */
interface HistoryState {
  readonly name?: string;
  readonly status?: Status;
  readonly account?: string;
  readonly expiresAt?: string;
  readonly flowId?: string;
  readonly stepId?: string;
}

/** One entry of a connection's history. The table's stream publishes it as one event. */
export interface HistoryEntry {
  /** A UUIDv7: entries sort by time. Also the id of the event. */
  readonly id: string;
  readonly projectId: string;
  readonly connectionId: string;
  readonly providerId: string;
  /** The connection's name at that time. */
  readonly name: string;
  readonly type: HistoryType;
  readonly at: string;
  readonly actor: Actor;
  readonly from?: HistoryState;
  readonly to?: HistoryState;
  readonly reason?: HistoryReason;
  /** The flows that a status change or a coming expiry affects. */
  readonly flows?: AffectedFlows;
  /** The id of the request, message or run that wrote the entry, as its log lines carry it. */
  readonly correlationId?: string;
}

/** Reads history. Entries outlive their connection. */
export interface HistoryReader {
  /** Lists entries, newest first; an empty page for a connection that the project never had. */
  list(ref: ConnectionRef, page: PageRequest): Promise<Page<HistoryEntry>>;
}

/** The part of an entry that its author states; the rest comes from the connection. */
export type HistoryChange = Pick<HistoryEntry, 'type' | 'from' | 'to' | 'reason' | 'flows'>;

/**
 * Creates the history entry of one change of a connection. Id and time are taken together, as late as possible, so that
 * entries sorted by id never run backwards in time.
 */
export function historyEntry(
  connection: Connection,
  change: HistoryChange,
  actor: Actor,
  { clock, ids, correlationId }: Pick<OperationContext, 'clock' | 'ids' | 'correlationId'>,
): HistoryEntry {
  return {
    id: ids.next(),
    projectId: connection.projectId,
    connectionId: connection.id,
    providerId: connection.providerId,
    name: connection.name,
    at: timestamp(clock.now()),
    actor,
    ...change,
    correlationId,
  };
}

/** Creates the history entries of several changes of a connection by one actor. */
export function historyEntries(
  connection: Connection,
  changes: readonly HistoryChange[],
  actor: Actor,
  context: Pick<OperationContext, 'clock' | 'ids' | 'correlationId'>,
): readonly HistoryEntry[] {
  return changes.map((change) => historyEntry(connection, change, actor, context));
}
