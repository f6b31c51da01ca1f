import type { Page } from '../paging.ts';
import type { Connection } from './connection.ts';
import type { StoredConnection } from './stored.ts';

/** How many connections a project has; exact at every moment. */
export interface Counts {
  readonly all: number;
  readonly active: number;
  readonly inactive: number;
}

/** Which connections are wanted, in which order, from where on. */
export interface ConnectionQuery {
  readonly projectId: string;
  readonly status?: 'active' | 'inactive';
  readonly providerId?: string;
  /** Only those that are active and end within 14 days. */
  readonly expiring?: boolean;
  /** A part of the name, folded. */
  readonly search?: string;
  readonly sort: 'connectedAt' | 'name';
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  readonly after: string | null;
}

/** Reads connections. */
export interface ConnectionReader {
  /** Read strongly: it sees every commit that was answered. */
  findConnection(projectId: string, connectionId: string): Promise<StoredConnection | undefined>;
  /** Costs what the page's bytes cost; a search may read the project's names besides. */
  connections(query: ConnectionQuery): Promise<Page<Connection>>;
  counts(projectId: string): Promise<Counts>;
  /** The statuses of those of `connectionIds` that exist. */
  statuses(
    projectId: string,
    connectionIds: readonly string[],
  ): Promise<ReadonlyMap<string, Connection['status']>>;
}

/** Finds work that was left behind by a crash. */
export interface RecoveryReader {
  /** What was due at `now`, oldest first. */
  overdue(now: Date): AsyncIterable<Overdue>;
}

/** Something with a deadline that is past. */
export type Overdue =
  | { readonly kind: 'creation'; readonly projectId: string; readonly connectionId: string }
  | { readonly kind: 'reconnect'; readonly projectId: string; readonly connectionId: string };
