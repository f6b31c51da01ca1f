import { type ConnectionRef, loadConnection } from '../connections/load.ts';
import type { ConnectionReader } from '../connections/reader.ts';
import type { Essentials } from '../essentials.ts';
import { timestamp } from '../time.ts';
import type { CheckLedger, CheckQueue } from './ports.ts';

type ReportPorts = Pick<ConnectionReader, 'findConnection'> &
  Pick<CheckLedger, 'claimReport' | 'releaseReport'> &
  CheckQueue &
  Pick<Essentials, 'clock' | 'ids' | 'correlationId'>;

/**
 * One refusal is met by every run of a flow: the first report stands for all. Where no check has followed it soon,
 * whoever took it may have died before asking for one, and the next report is taken as if it were the first.
 */
const STANDING = { seconds: 30, secondsUnchecked: 5 };

/**
 * Takes the engine's word that a provider refused it, and has the connection checked at once. The word itself
 * turns nothing: the provider is asked.
 *
 * @throws DomainError `connection_not_found`.
 */
export async function reportFailure(ref: ConnectionRef, ports: ReportPorts): Promise<void> {
  const { connection } = await loadConnection(ref, ports);
  const report = { id: ports.ids.next(), at: ports.clock.now() };
  try {
    if (!(await ports.claimReport(connection.id, report, STANDING))) return;
    await ports.enqueueChecks([
      {
        turn: timestamp(report.at),
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
