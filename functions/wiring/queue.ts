import { checkQueue } from '../../shared/adapters/aws/queue/check-queue.ts';
import { openQueue } from '../../shared/adapters/aws/queue/client.ts';
import { setting } from '../../shared/runtime/environment.ts';
import { lazy } from '../../shared/runtime/lazy.ts';

const queue = lazy(() => openQueue(setting('CHECKS_QUEUE_URL')));

/** Behind `checks:enqueue`. */
export const checksEnqueue = () => checkQueue(queue());
