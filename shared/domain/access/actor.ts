/** Who caused a change: a person, or the system by a schedule or a check. */
export type Actor = { readonly type: 'user'; readonly id: string } | { readonly type: 'system' };

/** The actor of everything that no person asked for. */
export const SYSTEM: Actor = { type: 'system' };
