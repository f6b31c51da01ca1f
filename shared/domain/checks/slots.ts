import type { ProviderPort } from '../model/provider.ts';
import type { OperationContext } from '../operation-context.ts';
import { CADENCES, type Cadence } from '../terms.ts';

/** Minutes between two checks of a connection. A cadence has one slot for each of them. */
export const PERIOD_MINUTES: Readonly<Record<Cadence, number>> = { hour: 60, six_hours: 360, day: 1440 };

/** The longest time between two checks, in minutes: how far back the scheduler catches up. */
export const LONGEST_PERIOD = Math.max(...CADENCES.map((cadence) => PERIOD_MINUTES[cadence]));

const MINUTE_MS = 60_000;

/** Returns the minute since 1970 that contains a time. */
export function minuteOf(date: Date): number {
  return Math.floor(date.getTime() / MINUTE_MS);
}

/** Returns the start of a minute since 1970. */
export function startOf(minute: number): Date {
  return new Date(minute * MINUTE_MS);
}

/** Returns the slot of a cadence that is due in a minute: 0 to 59, 359 or 1439. */
export function dueSlot(cadence: Cadence, minute: number): number {
  return minute % PERIOD_MINUTES[cadence];
}

/** Returns true if no later minute up to `last` has the same slot; only then must a missed minute be caught up. */
export function isLatestOccurrence(cadence: Cadence, minute: number, last: number): boolean {
  return minute > last - PERIOD_MINUTES[cadence];
}

/**
 * Returns the slot of a connection by the last 32 bits of its id, which are random in a UUIDv7: connections created
 * together are spread over the whole period, and each keeps its slot.
 */
export function slotOf(connectionId: string, cadence: Cadence): number {
  return Number.parseInt(connectionId.slice(-8), 16) % PERIOD_MINUTES[cadence];
}

/** Returns true if the next scheduled check of the same connections is due, so that this one is not needed any more. */
export function isSuperseded(
  { scheduledFor, providerId }: { readonly scheduledFor: string; readonly providerId: string },
  { clock, catalog }: Pick<OperationContext, 'clock'> & ProviderPort,
): boolean {
  const cadence = catalog.get(providerId)?.cadence ?? 'day';
  return minuteOf(clock.now()) - minuteOf(new Date(scheduledFor)) >= PERIOD_MINUTES[cadence];
}

/** Returns the seconds since a scheduled time, at least 0. */
export function secondsSince(scheduledFor: string, { clock }: Pick<OperationContext, 'clock'>): number {
  return Math.max(0, (clock.now().getTime() - new Date(scheduledFor).getTime()) / 1000);
}

/** Returns the first time after `now` at which a connection's slot is due. */
export function nextCheckAt(connectionId: string, cadence: Cadence, now: Date): Date {
  const period = PERIOD_MINUTES[cadence];
  const minute = minuteOf(now);
  const ahead = (slotOf(connectionId, cadence) - (minute % period) + period) % period;
  return startOf(minute + (ahead === 0 ? period : ahead));
}
