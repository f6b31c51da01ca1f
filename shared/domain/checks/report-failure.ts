import { type ConnectionRef, loadConnection } from '../connections/load.ts';
import type { ConnectionReader } from '../connections/reader.ts';
import type { OperationContext } from '../operation-context.ts';
import { timestamp } from '../time.ts';
import type { CheckQueue, LastCheck, LastCheckReader, LastCheckStore } from './ports.ts';

type ReportPorts = Pick<ConnectionReader, 'findConnection'> &
  LastCheckReader &
  Pick<LastCheckStore, 'claimReport' | 'releaseReport'> &
  CheckQueue &
  Pick<OperationContext, 'clock' | 'ids' | 'correlationId'>;

/**
 * One refusal is met by every run of a flow at once: the first report stands for all. It is not for long, since what
 * is reported later may have happened after the check.
 */
const STANDING_SECONDS = 5;

/**
 * Takes the engine's word that a provider refused it, and has the connection checked at once. The word itself
 * turns nothing: the provider is asked.
 *
 * @throws DomainError `connection_not_found`.
 */
export async function reportFailure(ref: ConnectionRef, ports: ReportPorts): Promise<void> {
  const [{ connection }, last] = await Promise.all([
    loadConnection(ref, ports),
    ports.findLastCheck(ref.connectionId),
  ]);
  const report = { id: ports.ids.next(), at: ports.clock.now() };
  try {
    if (!(await ports.claimReport(connection.id, report, STANDING_SECONDS))) return;
    await ports.enqueueChecks([
      {
        scheduledFor: scheduledTimeAfter(last, report.at),
        providerId: connection.providerId,
        correlationId: ports.correlationId,
        isReported: true,
        connections: [{ projectId: ref.projectId, connectionId: connection.id }],
      },
    ]);
  } catch (error) {
    // Should this fail as well, the report soon stands for no other.
    await Promise.allSettled([ports.releaseReport(connection.id, report)]);
    throw error;
  }
}

/** The present, or just behind the last turn: a schedule that was run by hand may have been run for a later time. */
function scheduledTimeAfter(last: LastCheck | undefined, now: Date): string {
  const behind = last?.scheduledFor === undefined ? 0 : new Date(last.scheduledFor).getTime() + 1;
  return timestamp(new Date(Math.max(now.getTime(), behind)));
}
