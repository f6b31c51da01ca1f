import type { ProjectEvent } from '../../messages/project-event.ts';
import { type DomainError, failure } from '../errors.ts';
import type { StoredConnection } from '../model/connection.ts';
import { addSeconds, DAY_SECONDS, type OperationContext, timestamp } from '../operation-context.ts';
import type { DeletionStatus } from '../terms.ts';

/**
 * The deletion of a project, under way. While it exists, every request to the project is refused, and no connection is
 * created or disconnected.
 *
 * `disabling` takes one connection after the other out of all schedules, `disabled` waits for the end of the recovery
 * window, `removing` removes everything for good, and `removed` waits until the stream worker has revoked the last
 * grant: then the project's data keys are deleted, and the deletion ends with an event. `restoring` undoes `disabling`
 * (docs/decisions/0036).
 */
export interface ProjectDeletion {
  readonly projectId: string;
  readonly status: DeletionStatus;
  readonly requestedAt: string;
  /** End of the recovery window. */
  readonly restorableUntil: string;
  /** Connections that were processed since the status changed. */
  readonly processed: number;
  /** The connection that was disabled or enabled last; null before the first. */
  readonly position: string | null;
  /** Time from which the job continues. */
  readonly dueAt: string;
  /** Changes with every commit; the condition of the next one. */
  readonly revision: string;
}

/** A change of a deletion, with the part of the project that changes in the same commit. */
export interface DeletionChange {
  readonly before: ProjectDeletion | null;
  /** Null ends the deletion: the project is as it was. */
  readonly after: Omit<ProjectDeletion, 'revision'> | null;
  /** Connections to take out of all schedules. Nobody finds them until they are enabled. */
  readonly disable?: readonly StoredConnection[];
  readonly enable?: readonly StoredConnection[];
  /** Ends the deletion of a project of which nothing is left. */
  readonly event?: ProjectEvent;
}

/** Reads deletions. */
export interface DeletionReader {
  /** Reads strongly consistently. */
  find(projectId: string): Promise<ProjectDeletion | undefined>;
}

/** Requests and restores deletions. */
export interface DeletionStore extends DeletionReader {
  /** Returns true for a project that has members, flows, connections or history. */
  hasContents(projectId: string): Promise<boolean>;
  /**
   * Commits a change, or returns `stale` when another one came first.
   *
   * @throws DomainError `busy`.
   */
  commit(change: DeletionChange): Promise<'committed' | 'stale'>;
}

/** Reads and removes the contents of deleted projects, a page at a time. Every call may be repeated. */
export interface ProjectContents {
  /** Yields the projects whose deletion is due, the earliest first. */
  due(now: Date): AsyncIterable<string>;
  /** Reads the connections after one of them, disabled or not, sorted by id. */
  connections(projectId: string, after: string | null, limit: number): Promise<readonly StoredConnection[]>;
  /** Removes connections with their history. Returns their number; 0 when none is left. */
  removeConnections(projectId: string, limit: number): Promise<number>;
  /** Removes the history of connections that were disconnected earlier. Returns the number of those connections. */
  removePastConnections(projectId: string, limit: number): Promise<number>;
  /** Removes flows and steps. Returns the number of removed items. */
  removeFlows(projectId: string, limit: number): Promise<number>;
  /** Removes members. Returns their number. */
  removeMembers(projectId: string, limit: number): Promise<number>;
  /** Removes the records of imports, so that the project can be imported anew. Returns their number. */
  removeImports(projectId: string, limit: number): Promise<number>;
  /** Deletes the data keys of the project: nothing opens what they sealed, except from a backup of the table. */
  removeKeys(projectId: string): Promise<void>;
}

/** Ports of the engine's requests. */
export type DeletionPorts = Pick<OperationContext, 'clock' | 'backoff'> & {
  readonly deletions: DeletionStore;
};

/** Days for which a deleted project can be restored. */
const RECOVERY_DAYS = 7;

/** Returns a deletion that starts now. */
export function newDeletion(projectId: string, now: Date): Omit<ProjectDeletion, 'revision'> {
  return {
    projectId,
    status: 'disabling',
    requestedAt: timestamp(now),
    restorableUntil: timestamp(addSeconds(now, RECOVERY_DAYS * DAY_SECONDS)),
    processed: 0,
    position: null,
    dueAt: timestamp(now),
  };
}

/** Returns the deletion at the start of its next status. */
export function withStatus(before: ProjectDeletion, status: DeletionStatus, dueAt: Date): ProjectDeletion {
  return { ...before, status, processed: 0, position: null, dueAt: timestamp(dueAt) };
}

/**
 * Reads the deletion of a project.
 *
 * @throws DomainError `deletion_not_found` for a project that is not deleted, or of which nothing is left.
 */
export async function loadDeletion(
  projectId: string,
  { deletions }: { readonly deletions: DeletionReader },
): Promise<ProjectDeletion> {
  const deletion = await deletions.find(projectId);
  if (!deletion) throw deletionNotFound();
  return deletion;
}

/** Creates the error of a project without a deletion. */
export function deletionNotFound(): DomainError {
  return failure('deletion_not_found', 'No deletion of this project is under way.');
}
