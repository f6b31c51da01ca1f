import { retryLater } from '../errors.ts';

/** Counts the requests of projects. */
export interface RequestCounter {
  /** Counts one request. Returns the number of requests in the minute that began at this time. */
  count(projectId: string, minute: Date): Promise<number>;
}

/** Limit of the requests of one project's users that call providers. */
export interface RequestLimit {
  readonly counter: RequestCounter;
  readonly perMinute: number;
}

const MINUTE_MS = 60_000;

/**
 * Counts a request that calls a provider. Each occupies a function for as long as its provider takes, so that one project
 * could use up those of all others.
 *
 * @throws DomainError `too_many_requests` beyond the limit, with the seconds until the next minute.
 */
export async function requireWithinLimit(
  projectId: string,
  { counter, perMinute }: RequestLimit,
  now: Date,
): Promise<void> {
  const minute = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS;
  if ((await counter.count(projectId, new Date(minute))) <= perMinute) return;
  const seconds = Math.ceil((minute + MINUTE_MS - now.getTime()) / 1000);
  const message = `The users of a project may make ${perMinute} requests a minute that call services.`;
  throw retryLater('too_many_requests', message, seconds);
}
