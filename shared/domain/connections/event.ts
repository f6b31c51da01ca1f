import type { ConnectionEvent } from '../../messages/connection-event.ts';
import type { HistoryEntry } from './history.ts';

/**
 * The event of a history entry. Member by member, so that nothing reaches the bus because it came to stand in
 * the history. At its largest, with 100 flows of the longest names, it is a third of what EventBridge takes.
 */
export function eventOf(entry: HistoryEntry): ConnectionEvent {
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
