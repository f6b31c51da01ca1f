import { after, DAY_SECONDS, timestamp } from '../time.ts';
import type { Connection } from './connection.ts';

/** How long before its end a connection counts as expiring. */
export const EXPIRING_DAYS = 14;

/** A day on which the end of credentials is announced, or has come. */
export interface ExpiryReminder {
  readonly at: string;
  /** How many days ahead of the end; 0 is the end itself. */
  readonly daysAhead: (typeof REMINDER_DAYS)[number];
}

const REMINDER_DAYS = [EXPIRING_DAYS, 7, 1, 0] as const;

/** The next milestone after `now` of credentials that end at `expiresAt`; null where none is left. */
export function reminderAfter(now: Date, expiresAt: string | null): ExpiryReminder | null {
  if (expiresAt === null) return null;
  const reminders = REMINDER_DAYS.map((daysAhead) => ({
    at: timestamp(after(new Date(expiresAt), -daysAhead * DAY_SECONDS)),
    daysAhead,
  }));
  return reminders.find(({ at }) => at > timestamp(now)) ?? null;
}

/**
 * Whether a connection stands in the list of those that end soon: it is active and past its first milestone. The
 * list follows the clock by the schedule that announces milestones, within a minute.
 */
export function isAnnouncedToEnd(
  { status, expiresAt }: Connection,
  reminder: ExpiryReminder | null,
): boolean {
  return status === 'active' && expiresAt !== null && reminder?.daysAhead !== EXPIRING_DAYS;
}

/** Whether an active connection's credentials end within 14 days; one that is inactive has ended already. */
export function expiresSoon({ status, expiresAt }: Connection, now: Date): boolean {
  return (
    status === 'active' &&
    expiresAt !== null &&
    expiresAt <= timestamp(after(now, EXPIRING_DAYS * DAY_SECONDS))
  );
}
