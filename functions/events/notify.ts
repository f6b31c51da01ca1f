import { catalog } from '../../shared/catalog/index.ts';
import { eventHandlers } from '../../shared/contract/background/index.ts';
import { notifyPeople } from '../../shared/domain/notices/notify.ts';
import { onEvent } from '../../shared/runtime/background/event.ts';
import { noticesSend } from '../wiring/notices.ts';
import { onceWrite } from '../wiring/once.ts';

/** People are told where a connection stops, works again, or is about to end. */
export const handler = onEvent(eventHandlers.notify, notifyPeople, {
  catalog,
  ports: () => ({ ...noticesSend(), ...onceWrite() }),
});
