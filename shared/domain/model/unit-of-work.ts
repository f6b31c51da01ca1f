import type { CreationIntent, StoredConnection } from './connection.ts';
import type { Flow } from './flow.ts';
import type { HistoryEntry } from './history.ts';
import type { ImportRecord } from './import-record.ts';

/**
 * A creation (`before` null), a change, or a removal (`after` null). `before` is the condition: the unit commits only
 * while the store still holds it.
 */
export type Change<T> =
  | { readonly before: null; readonly after: T }
  | { readonly before: T; readonly after: T }
  | { readonly before: T; readonly after: null };

/**
 * All changes of one operation, committed together or not at all. The project's counts follow from the two sides of its
 * connections within the same commit, so they cannot drift.
 */
export interface UnitOfWork {
  readonly connections?: readonly Change<StoredConnection>[];
  readonly flow?: Change<Flow>;
  readonly intent?: Change<CreationIntent>;
  readonly importRecord?: Change<ImportRecord>;
  readonly history?: readonly HistoryEntry[];
}

/** Commits units of work: the only way to write connections, flows and their history. */
export interface Committer {
  /**
   * Returns `committed`, or `stale` when an item of the unit changed since it was read: read again and decide anew. A
   * lost response is resolved by repeating the same unit under the same token.
   *
   * @throws DomainError `busy` when the table is throttled or contended beyond the retries.
   */
  commit(unit: UnitOfWork): Promise<'committed' | 'stale'>;
}

/** Port of every operation that writes. */
export interface CommitPort {
  readonly unitOfWork: Committer;
}
