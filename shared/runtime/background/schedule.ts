import middy from '@middy/core';
import * as z from 'zod/mini';
import type { Catalog } from '../../catalog/schema.ts';
import type { Schedule } from '../../contract/background/index.ts';
import type { PortsFor } from '../../contract/capabilities.ts';
import type { RunReport } from '../../domain/batches.ts';
import type { OperationContext } from '../../domain/operation-context.ts';
import { lazy } from '../lazy.ts';
import { logger } from '../logger.ts';
import { createBaseContext } from '../operation-context.ts';

/** What EventBridge sends at each turn of a rule. Who starts a run by hand tells the time alone. */
const scheduledEvent = z.object({ id: z.optional(z.string()), time: z.iso.datetime() });

/** Where a schedule gets its ports from. */
export interface ScheduleSources<S extends Schedule> {
  readonly catalog: Catalog;
  readonly ports: () => PortsFor<S['capabilities'][number]>;
}

/**
 * Makes the Lambda handler of a schedule. Its clock stands at the time that the rule fired, so that a run which
 * is late, or asked for by hand, does the work of its own minute.
 *
 * It fails after everything was tried if any of it failed, so that the failure is seen and the run repeated.
 */
export function onSchedule<S extends Schedule>(
  schedule: S,
  run: (ports: OperationContext & PortsFor<S['capabilities'][number]>) => Promise<RunReport<unknown>>,
  sources: ScheduleSources<S>,
) {
  const ports = lazy(sources.ports);
  return middy<unknown, RunReport<unknown>>().handler(async (event, { awsRequestId }) => {
    const { id: correlationId = awsRequestId, time } = scheduledEvent.parse(event);
    const now = new Date(time);
    const tools = createBaseContext(sources.catalog, { now: () => now });
    const report = await run(Object.assign({ correlationId }, tools, ports()));
    const line = { schedule: schedule.entry, correlationId };
    for (const { work, error } of report.failures)
      logger().error('left for the next run', { ...line, work, error });
    logger().info('ran', { ...line, done: report.done, failed: report.failures.length });
    if (report.failures.length > 0)
      throw new Error(`${schedule.entry} left ${report.failures.length} undone.`);
    return report;
  });
}
