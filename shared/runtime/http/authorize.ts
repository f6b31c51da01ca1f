import type { Route } from '../../contract/http/route.ts';
import type { MemberReader } from '../../domain/access/members.ts';
import { allows } from '../../domain/access/roles.ts';
import { failure } from '../../domain/errors.ts';
import { PLATFORM_ID } from '../../domain/ids.ts';

/**
 * Lets a person do in a project what the stored role allows.
 *
 * @throws DomainError `project_not_found` to who is no member, as for a project that does not, or cannot, exist;
 * `forbidden` to who is one but may not do this.
 */
export async function authorize(
  { caller }: Pick<Route, 'caller'>,
  userId: string | undefined,
  projectId: string | undefined,
  { roleOf }: Pick<MemberReader, 'roleOf'>,
): Promise<void> {
  if (caller.kind !== 'user' || 'scope' in caller) return;
  const role = userId && canExist(projectId) ? await roleOf(projectId, userId) : undefined;
  if (!role) throw failure('project_not_found', 'There is no such project, or you are not a member of it.');
  if (!allows(role, caller.action))
    throw failure('forbidden', 'Your role in this project does not allow this.');
}

/** What is no id would be no key either: too long, or of other items. */
function canExist(projectId: string | undefined): projectId is string {
  return projectId !== undefined && PLATFORM_ID.test(projectId);
}
