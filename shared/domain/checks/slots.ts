import { createHash } from 'node:crypto';
import type { Provider } from '../../catalog/schema.ts';
import type { OperationContext } from '../operation-context.ts';

/** How often a provider's connections are checked. */
export type Cadence = Provider['cadence'];

/** The minutes between two checks. */
const PERIOD_MINUTES: Readonly<Record<Cadence, number>> = { hour: 60, six_hours: 360, day: 1440 };

export const CADENCES: readonly Cadence[] = ['hour', 'six_hours', 'day'];

const MINUTE_MS = 60_000;

/** The minute, counted from 1970, that a time lies in. */
export function minuteOf(date: Date): number {
  return Math.floor(date.getTime() / MINUTE_MS);
}

/** When a minute begins. */
export function startOf(minute: number): Date {
  return new Date(minute * MINUTE_MS);
}

/** The slot of a cadence that is due in a minute: 0 to 59, 359 or 1439. */
export function dueSlot(cadence: Cadence, minute: number): number {
  return minute % PERIOD_MINUTES[cadence];
}

/** Whether, of the minutes up to `last`, this is the latest with its slot: an earlier turn need not be made up. */
export function isLatestOccurrence(cadence: Cadence, minute: number, last: number): boolean {
  return minute > last - PERIOD_MINUTES[cadence];
}

/** The longest time between two checks, in minutes: how far back missed turns can matter. */
export const LONGEST_PERIOD = Math.max(...Object.values(PERIOD_MINUTES));

/**
 * The slot of a connection: by a digest of its id, so that connections made together are spread over the whole
 * period, and stay where they are.
 */
export function slotOf(connectionId: string, cadence: Cadence): number {
  return createHash('sha256').update(connectionId).digest().readUInt32BE() % PERIOD_MINUTES[cadence];
}

/** Whether the next turn of a batch has come, so that this one need not be made any more. */
export function isSuperseded(
  { scheduledFor, providerId }: { readonly scheduledFor: string; readonly providerId: string },
  { clock, catalog }: Pick<OperationContext, 'clock' | 'catalog'>,
): boolean {
  const cadence = catalog.get(providerId)?.cadence ?? 'day';
  return minuteOf(clock.now()) - minuteOf(new Date(scheduledFor)) >= PERIOD_MINUTES[cadence];
}

/** How long ago a turn came, in seconds. */
export function secondsSince(scheduledFor: string, { clock }: Pick<OperationContext, 'clock'>): number {
  return Math.max(0, (clock.now().getTime() - new Date(scheduledFor).getTime()) / 1000);
}

/** When a connection's slot comes next after `now`. */
export function nextCheckAt(connectionId: string, cadence: Cadence, now: Date): Date {
  const period = PERIOD_MINUTES[cadence];
  const minute = minuteOf(now);
  const ahead = (slotOf(connectionId, cadence) - (minute % period) + period) % period;
  return startOf(minute + (ahead === 0 ? period : ahead));
}
