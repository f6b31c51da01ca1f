/** What a person can ask to do in a project. */
export type Action =
  | 'project.view'
  | 'connections.rename'
  | 'connections.reconnect'
  | 'connections.check'
  | 'integrations.configure';

/** Which role may do what: the whole policy. A platform with more roles adds a row. */
const POLICY = {
  administrator: [
    'project.view',
    'connections.rename',
    'connections.reconnect',
    'connections.check',
    'integrations.configure',
  ],
  member: ['project.view'],
} as const satisfies Record<string, readonly Action[]>;

/** A person's role in one project. */
export type Role = keyof typeof POLICY;

/** Every role, in the order of the policy. */
export const ROLES = ['administrator', 'member'] as const satisfies readonly Role[];

/** Whether a role may do something. */
export function allows(role: Role, action: Action): boolean {
  const actions: readonly Action[] = POLICY[role];
  return actions.includes(action);
}
