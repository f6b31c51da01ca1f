import { SYSTEM } from '../access/actor.ts';
import { entriesOf, turnOf } from '../checks/judge.ts';
import type { Essentials } from '../essentials.ts';
import { affectedFlows } from '../flows/affected.ts';
import type { FlowReader } from '../flows/flow.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import { inRounds, type RunReport } from '../rounds.ts';
import { timestamp } from '../time.ts';
import type { Committer } from '../unit-of-work.ts';
import { milestoneAfter } from './expiry.ts';
import type { Happening } from './history.ts';
import type { ConnectionRef } from './load.ts';
import type { ConnectionReader } from './reader.ts';
import type { StoredConnection } from './stored.ts';
import { deactivated } from './transitions.ts';

/** Finds connections whose next milestone has come. */
export interface MilestoneReader {
  /** Oldest first. */
  milestonesReached(now: Date): AsyncIterable<ConnectionRef>;
}

type AnnouncePorts = MilestoneReader &
  Pick<ConnectionReader, 'findConnection'> &
  Pick<FlowReader, 'flowsUsing'> &
  Committer &
  Essentials;

/**
 * Announces the coming end of credentials 14, 7 and 1 days ahead, each once, and turns connections inactive at
 * the end. The notice and the step to the next milestone are one commit, so a repeated run tells nothing twice.
 * Of milestones that passed unseen, only the latest is told.
 */
export function announceExpiry(ports: AnnouncePorts): Promise<RunReport<ConnectionRef>> {
  return inRounds(ports.milestonesReached(ports.clock.now()), (ref) => announce(ref, ports));
}

function announce(ref: ConnectionRef, ports: AnnouncePorts): Promise<void> {
  return untilCommitted(async () => {
    const before = await ports.findConnection(ref.projectId, ref.connectionId);
    const now = ports.clock.now();
    const at = timestamp(now);
    if (!before?.milestone || before.milestone.at > at) return;
    const { connection } = before;
    const isOver = connection.expiresAt !== null && connection.expiresAt <= at;
    const left = isOver && connection.status === 'active';
    const turned = left ? deactivated(connection, 'credentials_expired', at) : connection;
    const after = { ...before, connection: turned, milestone: milestoneAfter(now, connection.expiresAt) };
    const happenings = isOver ? await turnOf(connection, turned, ports) : await notice(before, ports);
    const history = entriesOf(turned, happenings, { actor: SYSTEM, at }, ports);
    const outcome = await ports.commit({ connections: [{ before, after }], history });
    return outcome === 'committed' ? undefined : STALE;
  }, ports);
}

/** Nobody is told of the end of what has stopped already. */
async function notice(
  { connection }: StoredConnection,
  ports: Pick<FlowReader, 'flowsUsing'>,
): Promise<readonly Happening[]> {
  if (connection.status !== 'active' || connection.expiresAt === null) return [];
  const to = { expiresAt: connection.expiresAt };
  return [{ type: 'expiring', to, flows: await affectedFlows(connection, ports) }];
}
