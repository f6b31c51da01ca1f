import middy from '@middy/core';
import * as z from 'zod/mini';
import type { Schedule } from '../../contract/background/index.ts';
import type { PortsFor } from '../../contract/capabilities.ts';
import type { RunReport, RunTime } from '../../domain/batches.ts';
import type { OperationContext } from '../../domain/operation-context.ts';
import { lazy } from '../lazy.ts';
import { logger } from '../logger.ts';
import { countItems } from '../metrics.ts';
import { createBaseContext } from '../operation-context.ts';
import { createPorts, type Wiring } from '../ports.ts';

/** Time that a run leaves for its last step, and for its log line. */
const RESERVED_MS = 15_000;

/** EventBridge's scheduled event. An operator who invokes the function by hand sends the time alone. */
const scheduledEvent = z.object({ id: z.optional(z.string()), time: z.iso.datetime() });

/**
 * Creates the Lambda handler of a schedule. Its clock stands at the rule's scheduled time, so that a late or manual run
 * does the work of its own minute.
 *
 * It processes everything before it fails, so that Lambda retries the run and the error metric counts it. Work that may not
 * fit into a run asks `hasTime`, and leaves the rest to the next one.
 */
export function onSchedule<const S extends Schedule>(
  { entry, capabilities }: S,
  run: (
    ports: OperationContext & RunTime & PortsFor<S['capabilities'][number]>,
  ) => Promise<RunReport<unknown>>,
  wiring: Wiring<S['capabilities'][number]>,
) {
  const ports = lazy(() => createPorts<PortsFor<S['capabilities'][number]>>(capabilities, wiring));
  return middy<unknown, RunReport<unknown>>().handler(async (event, invocation) => {
    const { id: correlationId = invocation.awsRequestId, time } = scheduledEvent.parse(event);
    const now = new Date(time);
    const context = createBaseContext({ now: () => now });
    const hasTime = () => invocation.getRemainingTimeInMillis() > RESERVED_MS;
    const report = await run(Object.assign({ correlationId, hasTime }, context, ports()));
    const line = { schedule: entry, correlationId };
    for (const { item, error } of report.failures) logger().error('failed', { ...line, item, error });
    logger().info('ran', { ...line, done: report.done, failed: report.failures.length });
    countItems(entry.slice(entry.indexOf('/') + 1), report.done);
    if (report.failures.length > 0) throw new Error(`${entry}: ${report.failures.length} items failed.`);
    return report;
  });
}
