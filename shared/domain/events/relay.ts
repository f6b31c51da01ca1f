import type { ConnectionEvent } from '../../messages/connection-event.ts';
import type { ServiceEvent } from '../../messages/event.ts';
import type { ProjectEvent } from '../../messages/project-event.ts';
import type { HistoryEntry } from '../model/history.ts';

/** An item of a list that could not be processed: its index, counted from 0, and the error. */
export interface FailedRecord {
  readonly index: number;
  readonly error: unknown;
}

/** Publishes events. */
export interface EventBus {
  /**
   * Publishes events in order, each at least once.
   *
   * @returns the events that did not reach the bus. After a retryable failure no later event is tried, so that order is
   * kept; a permanent failure delays no other event.
   */
  publish(events: readonly ServiceEvent[]): Promise<readonly FailedRecord[]>;
}

/** Publishes the event of each history entry, and of each project that was deleted. */
export function relayEntries(
  entries: readonly (HistoryEntry | ProjectEvent)[],
  { eventBus }: { readonly eventBus: EventBus },
): Promise<readonly FailedRecord[]> {
  return eventBus.publish(entries.map((entry) => ('connectionId' in entry ? toEvent(entry) : entry)));
}

/**
 * Returns the event of a history entry, field by field, so that a field added to the history does not reach the bus
 * unnoticed. With 100 flows of the longest names it has a third of EventBridge's maximum size.
 */
export function toEvent(entry: HistoryEntry): ConnectionEvent {
  const { id, projectId, connectionId, providerId, name, type, at, actor, correlationId } = entry;
  const { from, to, reason, flows } = entry;
  return {
    eventId: id,
    projectId,
    connectionId,
    provider: providerId,
    name,
    type,
    at,
    actor: actor.type === 'user' ? { type: 'user', id: actor.id } : { type: 'system' },
    ...(correlationId && { correlationId }),
    ...(from && { from: { ...from } }),
    ...(to && { to: { ...to } }),
    ...(reason && { reason }),
    ...(flows && { flows: { count: flows.count, items: flows.items.map(({ id, name }) => ({ id, name })) } }),
  };
}
