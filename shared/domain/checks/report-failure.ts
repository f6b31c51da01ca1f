import { type ConnectionRef, type FindConnectionPort, loadConnection } from '../model/connection.ts';
import { type OperationContext, timestamp } from '../operation-context.ts';
import type { CheckQueue, LastCheck, LastCheckReader, LastCheckStore } from './ports.ts';

type ReportPorts = FindConnectionPort &
  Pick<OperationContext, 'clock' | 'ids' | 'correlationId'> & {
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
 *
 * @throws DomainError `connection_not_found`.
 */
export async function reportFailure(ref: ConnectionRef, ports: ReportPorts): Promise<void> {
  const [{ connection }, lastCheck] = await Promise.all([
    loadConnection(ref, ports),
    ports.lastChecks.find(ref.connectionId),
  ]);
  const report = { id: ports.ids.next(), at: ports.clock.now() };
  try {
    if (!(await ports.lastChecks.claimReport(connection.id, report, WINDOW_SECONDS))) return;
    await ports.checkQueue.enqueue([
      {
        scheduledFor: scheduledTimeAfter(lastCheck, report.at),
        providerId: connection.providerId,
        correlationId: ports.correlationId,
        isReported: true,
        connections: [{ projectId: ref.projectId, connectionId: connection.id }],
      },
    ]);
  } catch (error) {
    // A window that could not be closed ends by itself.
    await Promise.allSettled([ports.lastChecks.releaseReport(connection.id, report)]);
    throw error;
  }
}

/** Returns the current time, or the time just after the last check's: a schedule run by hand may be ahead of the clock. */
function scheduledTimeAfter(lastCheck: LastCheck | undefined, now: Date): string {
  const after = lastCheck?.scheduledFor === undefined ? 0 : Date.parse(lastCheck.scheduledFor) + 1;
  return timestamp(new Date(Math.max(now.getTime(), after)));
}
