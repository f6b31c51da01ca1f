import { isInProject, type Route } from '../../contract/http/route.ts';
import { type Action, allows, type ProjectAccess, type RoleReader } from '../../domain/access/roles.ts';
import { failure, projectNotFound } from '../../domain/errors.ts';
import { CONNECTION_ID, PLATFORM_ID } from '../../domain/terms.ts';

/** The part of the access that a handler gets; null for a route that acts in no project. */
export type AccessOf<R extends Route> = R['caller'] extends
  | { readonly action: string }
  | { readonly kind: 'engine'; readonly scope?: never }
  ? Pick<ProjectAccess, 'counts' | (R extends { readonly loads: infer L extends 'connection' } ? L : never)>
  : null;

/** The user and the path's ids, which are not yet parsed. */
interface AuthorizationRequest {
  readonly userId: string | undefined;
  readonly projectId?: string | undefined;
  readonly connectionId?: string | undefined;
}

/**
 * Checks that the project is not deleted, and that the user's stored role in it allows the route's action. Returns what it
 * read to find out, so that no handler reads that again.
 *
 * The compiler cannot follow the route's caller, so the first signature names the type.
 *
 * @throws DomainError `project_not_found` for a user who is not a member, the same as for a project that does not exist or
 * is deleted; `forbidden` for a member whose role is too low.
 */
export function authorize<R extends Route>(
  route: R,
  request: AuthorizationRequest,
  roles: RoleReader | undefined,
): Promise<AccessOf<R>>;
export async function authorize(
  { caller, loads }: Route,
  { userId, projectId, connectionId }: AuthorizationRequest,
  roles: RoleReader | undefined,
): Promise<ProjectAccess | null> {
  if (!isInProject(caller)) return null;
  if (!roles) throw new Error('The route acts within a project, but its function cannot read roles.');
  const access = canExist(projectId)
    ? await roles.read({ projectId, userId, connectionId: loads && connectionIdOf(connectionId) })
    : NO_ACCESS;
  if (access.isDeleted) throw projectNotFound();
  if ('action' in caller) requireAction(access, caller.action);
  return access;
}

/** The access to a project that cannot exist. */
const NO_ACCESS: ProjectAccess = {
  isDeleted: false,
  role: undefined,
  counts: { all: 0, active: 0, inactive: 0 },
  connection: undefined,
};

function requireAction({ role }: ProjectAccess, action: Action): void {
  if (!role) throw projectNotFound();
  if (!allows(role, action)) throw failure('forbidden', 'Your role in this project does not allow this.');
}

/** An id that the platform cannot have assigned is not looked up: it may be too long for a key. */
function canExist(projectId: string | undefined): projectId is string {
  return projectId !== undefined && PLATFORM_ID.test(projectId);
}

function connectionIdOf(text = ''): string | undefined {
  return CONNECTION_ID.test(text) ? text : undefined;
}
