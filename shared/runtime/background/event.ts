import middy from '@middy/core';
import * as z from 'zod/mini';
import type { Catalog } from '../../catalog/schema.ts';
import type { EventHandler } from '../../contract/background/index.ts';
import type { PortsFor } from '../../contract/capabilities.ts';
import type { OperationContext } from '../../domain/operation-context.ts';
import { type ConnectionEvent, connectionEvent } from '../../messages/connection-event.ts';
import { lazy } from '../lazy.ts';
import { logger } from '../logger.ts';
import { createBaseContext } from '../operation-context.ts';

/** What a rule on the bus delivers. */
const delivered = z.object({ id: z.string(), detail: connectionEvent });

/** Where an event handler gets its ports from. */
export interface EventSources<H extends EventHandler> {
  readonly catalog: Catalog;
  readonly ports: () => PortsFor<H['capabilities'][number]>;
}

/**
 * Makes the Lambda handler of a rule on the event bus. The same event may be delivered more than once; what it
 * fails for is delivered again, twice, and then put aside.
 */
export function onEvent<H extends EventHandler>(
  { entry }: H,
  handle: (
    event: ConnectionEvent,
    ports: OperationContext & PortsFor<H['capabilities'][number]>,
  ) => Promise<void>,
  sources: EventSources<H>,
) {
  const ports = lazy(sources.ports);
  return middy<unknown, void>().handler(async (event) => {
    const { id: deliveryId, detail } = delivered.parse(event);
    const { eventId, correlationId = deliveryId } = detail;
    await handle(detail, Object.assign({ correlationId }, createBaseContext(sources.catalog), ports()));
    logger().info('handled', { handler: entry, eventId, correlationId, deliveryId });
  });
}
