import type { Caller } from '../../contract/http/route.ts';
import { allows, type RoleReader } from '../../domain/access/roles.ts';
import { failure } from '../../domain/errors.ts';
import { PLATFORM_ID } from '../../domain/terms.ts';

/**
 * Checks that the user's stored role in the project allows the route's action.
 *
 * @throws DomainError `project_not_found` for a user who is not a member, the same as for a project that does not exist;
 * `forbidden` for a member whose role is too low.
 */
export async function authorize(
  caller: Caller,
  userId: string | undefined,
  projectId: string | undefined,
  roles: RoleReader | undefined,
): Promise<void> {
  if (!('action' in caller)) return;
  if (!roles) throw new Error('The route has an action, but its function cannot read roles.');
  const role = userId && canExist(projectId) ? await roles.roleOf(projectId, userId) : undefined;
  if (!role) throw failure('project_not_found', 'There is no such project, or you are not a member of it.');
  if (!allows(role, caller.action)) {
    throw failure('forbidden', 'Your role in this project does not allow this.');
  }
}

/** An id that the platform cannot have assigned is not looked up: it may be too long for a key. */
function canExist(projectId: string | undefined): projectId is string {
  return projectId !== undefined && PLATFORM_ID.test(projectId);
}
