import { SYSTEM } from '../access/actor.ts';
import { processInBatches, type RunReport } from '../batches.ts';
import { historyEntries, statusChanges } from '../checks/judge.ts';
import { affectedFlows } from '../flows/affected.ts';
import type { FlowReader } from '../flows/flow.ts';
import type { OperationContext } from '../operation-context.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import { timestamp } from '../time.ts';
import type { Committer } from '../unit-of-work.ts';
import { reminderAfter } from './expiry.ts';
import type { HistoryChange } from './history.ts';
import type { ConnectionRef } from './load.ts';
import type { ConnectionReader } from './reader.ts';
import type { StoredConnection } from './stored.ts';
import { deactivated } from './transitions.ts';

/** Finds connections whose next milestone has come. */
export interface ReminderReader {
  /** Oldest first. */
  dueReminders(now: Date): AsyncIterable<ConnectionRef>;
}

type AnnouncePorts = ReminderReader &
  Pick<ConnectionReader, 'findConnection'> &
  Pick<FlowReader, 'flowsUsing'> &
  Committer &
  OperationContext;

/**
 * Announces the coming end of credentials 14, 7 and 1 days ahead, each once, and turns connections inactive at
 * the end. The notice and the step to the next milestone are one commit, so a repeated run tells nothing twice.
 * Of milestones that passed unseen, only the latest is told.
 */
export function announceExpiry(ports: AnnouncePorts): Promise<RunReport<ConnectionRef>> {
  return processInBatches(ports.dueReminders(ports.clock.now()), (ref) => announce(ref, ports));
}

function announce(ref: ConnectionRef, ports: AnnouncePorts): Promise<void> {
  return untilCommitted(async () => {
    const before = await ports.findConnection(ref.projectId, ref.connectionId);
    const now = ports.clock.now();
    const at = timestamp(now);
    if (!before?.reminder || before.reminder.at > at) return;
    const { connection } = before;
    const isOver = connection.expiresAt !== null && connection.expiresAt <= at;
    const left = isOver && connection.status === 'active';
    const turned = left ? deactivated(connection, 'credentials_expired', at) : connection;
    const after = { ...before, connection: turned, reminder: reminderAfter(now, connection.expiresAt) };
    const changes = isOver ? await statusChanges(connection, turned, ports) : await notice(before, ports);
    const history = historyEntries(turned, changes, { actor: SYSTEM, at }, ports);
    const outcome = await ports.commit({ connections: [{ before, after }], history });
    return outcome === 'committed' ? undefined : STALE;
  }, ports);
}

/** Nobody is told of the end of what has stopped already. */
async function notice(
  { connection }: StoredConnection,
  ports: Pick<FlowReader, 'flowsUsing'>,
): Promise<readonly HistoryChange[]> {
  if (connection.status !== 'active' || connection.expiresAt === null) return [];
  const to = { expiresAt: connection.expiresAt };
  return [{ type: 'expiring', to, flows: await affectedFlows(connection, ports) }];
}
