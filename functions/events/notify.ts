import { eventHandlers } from '../../shared/contract/background/index.ts';
import { notifySubscribers } from '../../shared/domain/notices/notify.ts';
import { onEvent } from '../../shared/runtime/background/event.ts';
import { countNotice } from '../../shared/runtime/metrics.ts';
import { wiring } from '../wiring/index.ts';

/** Notifies subscribers that a connection stopped, works again, or is about to expire. */
export const handler = onEvent(
  eventHandlers.notify,
  async (event, ports) => {
    const kind = await notifySubscribers(event, ports);
    if (kind) countNotice(kind);
  },
  wiring,
);
