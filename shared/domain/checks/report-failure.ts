import { type ConnectionRef, loadConnection } from '../connections/load.ts';
import type { ConnectionReader } from '../connections/reader.ts';
import type { Essentials } from '../essentials.ts';
import { timestamp } from '../time.ts';
import type { CheckLedger, CheckQueue } from './ports.ts';

type ReportPorts = Pick<ConnectionReader, 'findConnection'> &
  Pick<CheckLedger, 'claimReport'> &
  CheckQueue &
  Pick<Essentials, 'clock' | 'correlationId'>;

/** One refusal is met by every run of a flow: within this time the first report stands for all. */
const DEDUPLICATED_SECONDS = 30;

/**
 * Takes the engine's word that a provider refused it, and has the connection checked at once. The word itself
 * turns nothing: the provider is asked.
 *
 * @throws DomainError `connection_not_found`.
 */
export async function reportFailure(ref: ConnectionRef, ports: ReportPorts): Promise<void> {
  const { connection } = await loadConnection(ref, ports);
  const now = ports.clock.now();
  if (!(await ports.claimReport(connection.id, now, DEDUPLICATED_SECONDS))) return;
  await ports.enqueueChecks([
    {
      turn: timestamp(now),
      providerId: connection.providerId,
      correlationId: ports.correlationId,
      connections: [{ projectId: ref.projectId, connectionId: connection.id }],
    },
  ]);
}
