import { openBus } from '../../shared/adapters/aws/bus/client.ts';
import { eventBus } from '../../shared/adapters/aws/bus/publisher.ts';
import { setting } from '../../shared/runtime/environment.ts';
import { backoff } from '../../shared/runtime/operation-context.ts';

/** Behind `events:publish`. */
export const eventsPublish = () => eventBus(openBus(setting('EVENT_BUS_NAME')), { backoff });
