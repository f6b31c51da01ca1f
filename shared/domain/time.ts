/** The present, through a port so that tests own it. */
export interface Clock {
  now(): Date;
}

/** Makes UUIDv7s in ascending order, through a port so that tests own them. */
export interface Ids {
  next(): string;
}

/** A time as the API tells it: RFC 3339, UTC, milliseconds. */
export function timestamp(date: Date): string {
  return date.toISOString();
}

/** The time `seconds` after `date`. */
export function after(date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000);
}

export const DAY_SECONDS = 24 * 60 * 60;

/** Waits, a little longer with each attempt and by chance, before a contended write is tried again. */
export type Backoff = (attempt: number) => Promise<void>;
