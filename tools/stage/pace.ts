import { setTimeout } from 'node:timers/promises';

/** Returns a wait that lets `perSecond` callers through in a second. */
export function pacedBy(perSecond: number): () => Promise<void> {
  let next = Date.now();
  return async () => {
    const at = Math.max(next, Date.now());
    next = at + 1_000 / perSecond;
    await setTimeout(Math.max(0, at - Date.now()));
  };
}

/** Connections that are changed in a second unless given: Secrets Manager allows 50 changes in an account and Region. */
export const DEFAULT_PER_SECOND = '40';

/** @throws Error for anything but a whole number from 1 to 10000. */
export function readRate(text: string): number {
  const perSecond = Number(text);
  if (Number.isInteger(perSecond) && perSecond >= 1 && perSecond <= 10_000) return perSecond;
  throw new Error('--per-second is a whole number from 1 to 10000.');
}
