import type { Role } from './roles.ts';

/** A person's place in one project. */
export interface Membership {
  readonly projectId: string;
  readonly role: Role;
}

/** Reads who belongs where. */
export interface MemberReader {
  /** The stored role, read strongly: a role taken away is gone with the next request. */
  roleOf(projectId: string, userId: string): Promise<Role | undefined>;
  /** Every project of a person, by project id. */
  projectsOf(userId: string): Promise<readonly Membership[]>;
}

/** Keeps memberships in step with the platform's Team service. Both calls may be repeated. */
export interface MemberWriter {
  putMember(projectId: string, userId: string, role: Role): Promise<void>;
  removeMember(projectId: string, userId: string): Promise<void>;
}
