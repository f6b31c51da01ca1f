import middy from '@middy/core';
import * as z from 'zod/mini';
import type { EventHandler } from '../../contract/background/index.ts';
import type { PortsFor } from '../../contract/capabilities.ts';
import type { OperationContext } from '../../domain/operation-context.ts';
import { type ConnectionEvent, connectionEvent } from '../../messages/connection-event.ts';
import { lazy } from '../lazy.ts';
import { logger } from '../logger.ts';
import { createBaseContext } from '../operation-context.ts';
import { createPorts, type Wiring } from '../ports.ts';

/** The part of EventBridge's envelope that handlers use. */
const envelope = z.object({ id: z.string(), detail: connectionEvent });

/**
 * Creates the Lambda handler of a rule on the event bus. EventBridge delivers at least once; after a failure Lambda
 * retries twice and then sends the event to the dead-letter queue.
 */
export function onEvent<const H extends EventHandler>(
  { entry, capabilities }: H,
  handle: (
    event: ConnectionEvent,
    ports: OperationContext & PortsFor<H['capabilities'][number]>,
  ) => Promise<unknown>,
  wiring: Wiring<H['capabilities'][number]>,
) {
  const context = lazy(() => createBaseContext());
  const ports = lazy(() => createPorts<PortsFor<H['capabilities'][number]>>(capabilities, wiring));
  return middy<unknown, void>().handler(async (event) => {
    const { id: deliveryId, detail } = envelope.parse(event);
    const { eventId, correlationId = deliveryId } = detail;
    await handle(detail, Object.assign({ correlationId }, context(), ports()));
    logger().info('handled', { handler: entry, eventId, correlationId, deliveryId });
  });
}
