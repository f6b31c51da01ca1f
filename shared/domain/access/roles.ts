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

/** Reads what authorizes a request. */
export interface RoleReader {
  /** Reads strongly consistently: a revoked role is refused from the next request on. Nobody has a role in a deleted project. */
  roleOf(projectId: string, userId: string): Promise<Role | undefined>;
  /** Reads strongly consistently. */
  isDeleted(projectId: string): Promise<boolean>;
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
