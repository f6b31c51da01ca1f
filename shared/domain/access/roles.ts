import type { Counts, StoredConnection } from '../model/connection.ts';
import type { Role } from '../terms.ts';

/** Actions of users in a project. */
export type Action =
  | 'project.view'
  | 'connections.rename'
  | 'connections.reconnect'
  | 'connections.check'
  | 'integrations.configure';

/** The whole policy: which role may do what. A platform with more roles adds a row. */
const POLICY: Readonly<Record<Role, readonly Action[]>> = {
  administrator: [
    'project.view',
    'connections.rename',
    'connections.reconnect',
    'connections.check',
    'integrations.configure',
  ],
  member: ['project.view'],
};

/** Returns true if the role may perform the action. */
export function allows(role: Role, action: Action): boolean {
  return POLICY[role].includes(action);
}

/** A user's role in one project. */
interface Membership {
  readonly projectId: string;
  readonly role: Role;
}

/** The project of a request, its user, and the connection that it is about. */
interface AccessRequest {
  readonly projectId: string;
  readonly userId?: string | undefined;
  readonly connectionId?: string | undefined;
}

/** The state of a project that authorizing a request reads. */
export interface ProjectAccess {
  readonly isDeleted: boolean;
  /** The user's role; undefined for a user who is not a member. */
  readonly role: Role | undefined;
  readonly counts: Counts;
  /** The connection that was asked for; undefined if the project has no such connection. */
  readonly connection: StoredConnection | undefined;
}

/** Reads what authorizes a request. */
export interface RoleReader {
  /** Reads strongly consistently, in one call: a revoked role is refused from the next request on. */
  read(request: AccessRequest): Promise<ProjectAccess>;
}

/** Reads memberships. */
export interface MemberReader {
  /** Returns all projects of a user but deleted ones, sorted by project id. */
  projectsOf(userId: string): Promise<readonly Membership[]>;
}

/** Writes memberships as the platform's Team service reports them. Every call may be repeated. */
export interface MemberWriter {
  put(projectId: string, userId: string, role: Role): Promise<void>;
  remove(projectId: string, userId: string): Promise<void>;
}
