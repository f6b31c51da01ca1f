/** Reads the current time. A port, so that tests set it. */
export interface Clock {
  now(): Date;
}

/** Creates UUIDv7s in ascending order. A port, so that tests predict them. */
export interface Ids {
  next(): string;
}

/** Waits before the next attempt at a contended write: a random time under a bound that grows with `attempt`. */
export type Backoff = (attempt: number) => Promise<void>;

/** Tools of every operation. None of them reaches stored data or the network. */
export interface OperationContext {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly backoff: Backoff;
  /** The id of the request, message or run, in every log line and event that it causes. */
  readonly correlationId: string;
}

export const DAY_SECONDS = 24 * 60 * 60;

/** Formats a time as the API does: RFC 3339, UTC, milliseconds. */
export function timestamp(date: Date): string {
  return date.toISOString();
}

/** Returns the time `seconds` after `date`; before it when negative. */
export function addSeconds(date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000);
}
