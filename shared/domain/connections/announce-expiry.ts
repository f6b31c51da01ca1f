import { processInBatches, type RunReport } from '../batches.ts';
import type { Connection, ConnectionRef, FindConnectionPort } from '../model/connection.ts';
import { reminderAfter } from '../model/expiry.ts';
import { affectedFlows, type FlowNamesPort } from '../model/flow.ts';
import { type HistoryChange, historyEntries, SYSTEM } from '../model/history.ts';
import { deactivated, statusChanges } from '../model/status.ts';
import type { CommitPort } from '../model/unit-of-work.ts';
import { type OperationContext, timestamp } from '../operation-context.ts';
import { STALE, untilCommitted } from '../optimistic.ts';

/** Finds connections whose next reminder is due. */
export interface ReminderReader {
  /** Yields them oldest first. */
  due(now: Date): AsyncIterable<ConnectionRef>;
}

export type AnnounceExpiryPorts = FindConnectionPort &
  FlowNamesPort &
  CommitPort &
  OperationContext & { readonly reminders: ReminderReader };

/**
 * Announces the end of credentials 14, 7 and 1 days ahead, each once, and deactivates connections at the end. One commit
 * writes the announcement and moves to the next reminder, so a repeated run announces nothing twice. Of several missed
 * reminders, only the latest is announced.
 */
export function announceExpiry(ports: AnnounceExpiryPorts): Promise<RunReport<ConnectionRef>> {
  return processInBatches(ports.reminders.due(ports.clock.now()), (ref) => announce(ref, ports));
}

function announce(ref: ConnectionRef, ports: AnnounceExpiryPorts): Promise<void> {
  return untilCommitted(async () => {
    const before = await ports.connections.find(ref);
    const now = ports.clock.now();
    const at = timestamp(now);
    if (!before?.reminder || before.reminder.at > at) return;
    const { connection } = before;
    const isOver = connection.expiresAt !== null && connection.expiresAt <= at;
    const after =
      isOver && connection.status === 'active'
        ? deactivated(connection, 'credentials_expired', at)
        : connection;
    const changes = isOver
      ? await statusChanges(connection, after, ports)
      : await expiryAnnouncement(connection, ports);
    const outcome = await ports.unitOfWork.commit({
      connections: [
        {
          before,
          after: { ...before, connection: after, reminder: reminderAfter(now, connection.expiresAt) },
        },
      ],
      history: historyEntries(after, changes, SYSTEM, ports),
    });
    return outcome === 'committed' ? undefined : STALE;
  }, ports);
}

/** Describes the coming end of an active connection; an inactive one has stopped already. */
async function expiryAnnouncement(
  connection: Connection,
  ports: FlowNamesPort,
): Promise<readonly HistoryChange[]> {
  const { status, expiresAt } = connection;
  if (status !== 'active' || expiresAt === null) return [];
  return [{ type: 'expiring', to: { expiresAt }, flows: await affectedFlows(connection, ports) }];
}
