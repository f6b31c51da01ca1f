import type { DemoUser } from './issuer/demo-user.ts';

/** The project that local mode comes with. */
export const DEMO_PROJECT = 'demo';

/** Who can sign in, by what they may do in the demo project. */
export const USERS = {
  administrator: { id: 'ada', name: 'Ada (administrator)', email: 'ada@example.com' },
  member: { id: 'max', name: 'Max (member)', email: 'max@example.com' },
  outsider: { id: 'olga', name: 'Olga (no member)', email: 'olga@example.com' },
} as const satisfies Record<string, DemoUser>;
