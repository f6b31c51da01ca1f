import { type Caller, isInProject } from '../../contract/http/route.ts';
import { allows, type RoleReader } from '../../domain/access/roles.ts';
import { failure, projectNotFound } from '../../domain/errors.ts';
import { PLATFORM_ID } from '../../domain/terms.ts';

/**
 * Checks that the project is not deleted, and that the user's stored role in it allows the route's action.
 *
 * @throws DomainError `project_not_found` for a user who is not a member, the same as for a project that does not exist or
 * is deleted; `forbidden` for a member whose role is too low.
 */
export async function authorize(
  caller: Caller,
  userId: string | undefined,
  projectId: string | undefined,
  roles: RoleReader | undefined,
): Promise<void> {
  if (!isInProject(caller)) return;
  if (!roles) throw new Error('The route acts within a project, but its function cannot read roles.');
  if (!('action' in caller)) {
    if (canExist(projectId) && (await roles.isDeleted(projectId))) throw projectNotFound();
    return;
  }
  const role = userId && canExist(projectId) ? await roles.roleOf(projectId, userId) : undefined;
  if (!role) throw projectNotFound();
  if (!allows(role, caller.action)) {
    throw failure('forbidden', 'Your role in this project does not allow this.');
  }
}

/** An id that the platform cannot have assigned is not looked up: it may be too long for a key. */
function canExist(projectId: string | undefined): projectId is string {
  return projectId !== undefined && PLATFORM_ID.test(projectId);
}
