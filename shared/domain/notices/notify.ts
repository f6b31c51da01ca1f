import type { ConnectionEvent } from '../../messages/connection-event.ts';
import { type OnceLog, once } from '../once.ts';
import type { OperationContext } from '../operation-context.ts';
import { composeNotice } from './compose.ts';
import type { Notifier } from './notice.ts';

/**
 * Tells people of an event, once however often it is delivered.
 *
 * @throws DomainError `busy` while another delivery of the same event is being told.
 */
export async function notifyPeople(
  event: ConnectionEvent,
  ports: Notifier & OnceLog & Pick<OperationContext, 'catalog' | 'clock' | 'ids'>,
): Promise<void> {
  const notice = composeNotice(event, ports.catalog.get(event.provider)?.name ?? event.provider);
  if (notice) await once(`notice#${event.eventId}`, () => ports.sendNotice(notice), ports);
}
