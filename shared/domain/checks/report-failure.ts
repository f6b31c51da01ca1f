import type { Connection } from '../model/connection.ts';
import { type OperationContext, timestamp } from '../operation-context.ts';
import type { CheckQueue, LastCheck, LastCheckReader, LastCheckStore } from './ports.ts';

type ReportPorts = Pick<OperationContext, 'clock' | 'ids' | 'correlationId'> & {
  readonly lastChecks: LastCheckReader & Pick<LastCheckStore, 'claimReport' | 'releaseReport'>;
  readonly checkQueue: CheckQueue;
};

/**
 * Deduplication window of reports. Every run of a flow meets the same refusal at once, so the first report stands for
 * all; it is short because a later report may be about a refusal after the check.
 */
const WINDOW_SECONDS = 5;

/**
 * Enqueues a check at once after an engine reported a refusal. The report itself changes no status: the provider is
 * asked.
 */
export async function reportFailure(connection: Connection, ports: ReportPorts): Promise<void> {
  const { id: connectionId, projectId, providerId } = connection;
  const lastCheck = await ports.lastChecks.find(connectionId);
  const report = { id: ports.ids.next(), at: ports.clock.now() };
  try {
    if (!(await ports.lastChecks.claimReport(connectionId, report, WINDOW_SECONDS))) return;
    await ports.checkQueue.enqueue([
      {
        scheduledFor: scheduledTimeAfter(lastCheck, report.at),
        providerId,
        correlationId: ports.correlationId,
        isReported: true,
        connections: [{ projectId, connectionId }],
      },
    ]);
  } catch (error) {
    // A window that could not be closed ends by itself.
    await Promise.allSettled([ports.lastChecks.releaseReport(connectionId, report)]);
    throw error;
  }
}

/** Returns the current time, or the time just after the last check's: a schedule run by hand may be ahead of the clock. */
function scheduledTimeAfter(lastCheck: LastCheck | undefined, now: Date): string {
  const after = lastCheck?.scheduledFor === undefined ? 0 : Date.parse(lastCheck.scheduledFor) + 1;
  return timestamp(new Date(Math.max(now.getTime(), after)));
}
