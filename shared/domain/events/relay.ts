import type { ConnectionEvent } from '../../messages/connection-event.ts';
import { eventOf } from '../connections/event.ts';
import type { HistoryEntry } from '../connections/history.ts';

/** What of a list could not be done: the place of its item, counted from 0, and why. */
export interface FailedRecord {
  readonly place: number;
  readonly error: unknown;
}

/** Takes events to the bus. */
export interface EventBus {
  /**
   * Publishes events in order, each at least once.
   *
   * @returns those that did not reach the bus. After one that may get through later none is tried, so that
   * order is kept; one that never will holds up no other.
   */
  publishEvents(events: readonly ConnectionEvent[]): Promise<readonly FailedRecord[]>;
}

/** Publishes the event of each history entry. */
export function relayEntries(entries: readonly HistoryEntry[], { publishEvents }: EventBus) {
  return publishEvents(entries.map(eventOf));
}
