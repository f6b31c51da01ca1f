import type { ConnectionEvent } from '../../messages/connection-event.ts';
import { type IdempotencyStore, runOnce } from '../idempotency.ts';
import type { OperationContext } from '../operation-context.ts';
import { composeNotice, type Notice } from './compose.ts';

/** Sends notices to the subscribers. */
export interface Notifier {
  send(notice: Notice): Promise<void>;
}

export type NotifyPorts = Pick<OperationContext, 'catalog' | 'clock' | 'ids'> & {
  readonly notifier: Notifier;
  readonly idempotency: IdempotencyStore;
};

/**
 * Notifies the subscribers of an event, once however often the event is delivered.
 *
 * @throws DomainError `busy` while another delivery of the same event is being handled.
 */
export async function notifySubscribers(event: ConnectionEvent, ports: NotifyPorts): Promise<void> {
  const notice = composeNotice(event, ports.catalog.get(event.provider)?.name ?? event.provider);
  if (notice) await runOnce(`notice#${event.eventId}`, () => ports.notifier.send(notice), ports);
}
