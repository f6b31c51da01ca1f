/** A user who can sign in to local mode. */
export interface DemoUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** The project that local mode comes with. */
export const DEMO_PROJECT = 'demo';

/** The users who can sign in, by their role in the demo project. */
export const USERS = {
  administrator: { id: 'ada', name: 'Ada (administrator)', email: 'ada@example.com' },
  member: { id: 'max', name: 'Max (member)', email: 'max@example.com' },
  outsider: { id: 'olga', name: 'Olga (no member)', email: 'olga@example.com' },
} as const satisfies Record<string, DemoUser>;
