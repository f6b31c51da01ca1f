import { addSeconds, DAY_SECONDS, timestamp } from '../operation-context.ts';
import { REMINDER_DAYS, type ReminderDays, type Status } from '../terms.ts';

/** Days before its end from which an active connection counts as expiring. */
export const EXPIRING_DAYS = REMINDER_DAYS[0];

/** The part of a connection that says whether it expires. */
interface Expiring {
  readonly status: Status;
  readonly expiresAt: string | null;
}

/** The next time at which the end of credentials is announced, or has come. */
export interface ExpiryReminder {
  readonly at: string;
  /** Days left until the end; 0 is the end itself. */
  readonly daysAhead: ReminderDays;
}

/** Returns the next reminder after `now` of credentials that end at `expiresAt`; null when none is left. */
export function reminderAfter(now: Date, expiresAt: string | null): ExpiryReminder | null {
  if (expiresAt === null) return null;
  const reminders = REMINDER_DAYS.map((daysAhead) => ({
    at: timestamp(addSeconds(new Date(expiresAt), -daysAhead * DAY_SECONDS)),
    daysAhead,
  }));
  return reminders.find(({ at }) => at > timestamp(now)) ?? null;
}

/**
 * Returns true if the table lists the connection as expiring: it is active and its first reminder is past. The schedule
 * that sends reminders keeps this current, so the list is at most a minute behind the clock.
 */
export function isInExpiringList({ status, expiresAt }: Expiring, reminder: ExpiryReminder | null): boolean {
  return status === 'active' && expiresAt !== null && reminder?.daysAhead !== EXPIRING_DAYS;
}

/** Returns true if the connection is active and its credentials end within 14 days. */
export function expiresSoon({ status, expiresAt }: Expiring, now: Date): boolean {
  return (
    status === 'active' &&
    expiresAt !== null &&
    expiresAt <= timestamp(addSeconds(now, EXPIRING_DAYS * DAY_SECONDS))
  );
}
