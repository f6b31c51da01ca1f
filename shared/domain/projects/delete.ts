import { projectNotFound } from '../errors.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import { type DeletionPorts, newDeletion, type ProjectDeletion } from './deletion.ts';

/**
 * Deletes a project: from the commit on, every request to it is refused. A repeated call returns the deletion that is
 * under way; one during a restore starts anew, with a new recovery window.
 *
 * @throws DomainError `project_not_found` for a project of which nothing is stored; `busy`.
 */
export function deleteProject(
  projectId: string,
  ports: DeletionPorts,
): Promise<Omit<ProjectDeletion, 'revision'>> {
  const { deletions, clock } = ports;
  return untilCommitted(async () => {
    const before = (await deletions.find(projectId)) ?? null;
    if (before && before.status !== 'restoring') return before;
    if (!before && !(await deletions.hasContents(projectId))) throw projectNotFound();
    const after = newDeletion(projectId, clock.now());
    return (await deletions.commit({ before, after })) === 'committed' ? after : STALE;
  }, ports);
}
