import type { Actor } from '../access/actor.ts';
import type { AffectedFlows } from '../flows/affected.ts';
import type { OperationContext } from '../operation-context.ts';
import type { Page } from '../paging.ts';
import type { Connection, StatusReasonCode } from './connection.ts';

/** What can happen to a connection. */
export type HistoryType =
  | 'created'
  | 'renamed'
  | 'reconnected'
  | 'reconnect_failed'
  | 'status_changed'
  | 'expiring'
  | 'linked'
  | 'unlinked'
  | 'disconnected';

/** The side of a change: of a name, a status, an account or a step, whichever changed. */
export interface HistoryState {
  readonly name?: string;
  readonly status?: 'active' | 'inactive';
  readonly account?: string;
  readonly expiresAt?: string;
  readonly flowId?: string;
  readonly stepId?: string;
}

/** Why: the reason of a status, or the code of the failure. */
export type HistoryReason = StatusReasonCode | 'account_mismatch' | 'interrupted' | 'provider_unavailable';

/** One entry of a connection's history, and the outbox record of one event. */
export interface HistoryEntry {
  /** A UUIDv7: entries sort by time. Also the id of the event. */
  readonly id: string;
  readonly projectId: string;
  readonly connectionId: string;
  readonly providerId: string;
  /** The name at that time. */
  readonly name: string;
  readonly type: HistoryType;
  readonly at: string;
  readonly actor: Actor;
  readonly from?: HistoryState;
  readonly to?: HistoryState;
  readonly reason?: HistoryReason;
  /** The flows that a turn of the status, or a coming end, concerns. */
  readonly flows?: AffectedFlows;
  /** Of the request, message or run that did it: finds its lines in the logs. Older entries have none. */
  readonly correlationId?: string;
}

/** Reads what happened; the history outlives its connection. */
export interface HistoryReader {
  /** Newest first; empty where the connection never was in that project. */
  history(
    projectId: string,
    connectionId: string,
    page: { readonly limit: number; readonly after: string | null },
  ): Promise<Page<HistoryEntry>>;
}

/** What the author of an entry says; the rest comes from the connection. */
export type HistoryChange = Pick<HistoryEntry, 'type' | 'from' | 'to' | 'reason' | 'flows'>;

/** The entry of something that happened to `connection`. */
export function historyEntry(
  connection: Connection,
  change: HistoryChange,
  { actor, at }: { readonly actor: Actor; readonly at: string },
  { ids, correlationId }: Pick<OperationContext, 'ids' | 'correlationId'>,
): HistoryEntry {
  return {
    id: ids.next(),
    projectId: connection.projectId,
    connectionId: connection.id,
    providerId: connection.providerId,
    name: connection.name,
    at,
    actor,
    ...change,
    correlationId,
  };
}
