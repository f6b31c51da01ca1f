import type { ConnectionEvent, DetailType } from './connection-event.ts';
import type { ProjectEvent } from './project-event.ts';

/** The detail of any event that the project publishes. */
export type ServiceEvent = ConnectionEvent | ProjectEvent;

/** Returns the EventBridge detail type of an event: `connection.status_changed`, `project.deleted`. */
export function detailType(event: ServiceEvent): DetailType | `project.${ProjectEvent['type']}` {
  return 'connectionId' in event ? `connection.${event.type}` : `project.${event.type}`;
}
