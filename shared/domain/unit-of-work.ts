import type { HistoryEntry } from './connections/history.ts';
import type { CreationIntent, StoredConnection } from './connections/stored.ts';
import type { Flow } from './flows/flow.ts';

/**
 * One side or both: made (`before` null), changed, or removed (`after` null). What stands in `before` is the
 * condition: the unit is committed only while the store still holds it.
 */
export type Change<T> =
  | { readonly before: null; readonly after: T }
  | { readonly before: T; readonly after: T }
  | { readonly before: T; readonly after: null };

/**
 * Everything that one operation changes, committed whole or not at all. The project's counts follow from the
 * connections' two sides and are part of the same commit, so they cannot drift.
 */
export interface UnitOfWork {
  readonly connections?: readonly Change<StoredConnection>[];
  readonly flow?: Change<Flow>;
  readonly intent?: Change<CreationIntent>;
  readonly history?: readonly HistoryEntry[];
}

/** The only way to write connections, flows and their history. */
export interface Committer {
  /**
   * `committed`, or `stale` when something the unit stands on has changed: read again and decide anew.
   * A lost answer is settled inside, by repeating the same unit under the same token.
   *
   * @throws DomainError `busy` when the store is throttling or contended beyond the retries.
   */
  commit(unit: UnitOfWork): Promise<'committed' | 'stale'>;
}
