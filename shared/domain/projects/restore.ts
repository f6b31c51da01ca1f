import { failure } from '../errors.ts';
import { timestamp } from '../operation-context.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import { type DeletionPorts, deletionNotFound, type ProjectDeletion, withStatus } from './deletion.ts';

/**
 * Restores a deleted project within its recovery window. Requests to it are refused until all its connections are enabled
 * again. May be repeated.
 *
 * @throws DomainError `deletion_not_found`; `project_not_restorable` after the recovery window; `busy`.
 */
export function restoreProject(projectId: string, ports: DeletionPorts): Promise<ProjectDeletion> {
  const { deletions, clock } = ports;
  return untilCommitted(async () => {
    const before = await deletions.find(projectId);
    if (!before) throw deletionNotFound();
    if (before.status === 'restoring') return before;
    if (!isRestorable(before, clock.now())) {
      throw failure('project_not_restorable', 'The recovery window of the project is over.');
    }
    const after = withStatus(before, 'restoring', clock.now());
    return (await deletions.commit({ before, after })) === 'committed' ? after : STALE;
  }, ports);
}

function isRestorable({ status, restorableUntil }: ProjectDeletion, now: Date): boolean {
  return (status === 'disabling' || status === 'disabled') && timestamp(now) < restorableUntil;
}
