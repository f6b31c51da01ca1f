import { SYSTEM } from '../access/actor.ts';
import { entriesOf, turnOf } from '../checks/judge.ts';
import type { Essentials } from '../essentials.ts';
import { affectedFlows } from '../flows/affected.ts';
import type { FlowReader } from '../flows/flow.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
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
  /** Oldest first, at most `limit`. */
  milestonesReached(now: Date, limit: number): Promise<readonly ConnectionRef[]>;
}

type AnnouncePorts = MilestoneReader &
  Pick<ConnectionReader, 'findConnection'> &
  Pick<FlowReader, 'flowsUsing'> &
  Committer &
  Essentials;

/** What a run came to; what failed stays due. */
interface Announced {
  readonly done: number;
  readonly failures: readonly { readonly work: ConnectionRef; readonly error: unknown }[];
}

const AT_A_TIME = 100;

/**
 * Announces the coming end of credentials 14, 7 and 1 days ahead, each once, and turns connections inactive at
 * the end. The notice and the step to the next milestone are one commit, so a repeated run tells nothing twice.
 * Of milestones that passed unseen, only the latest is told.
 */
export async function announceExpiry(ports: AnnouncePorts): Promise<Announced> {
  const reached = await ports.milestonesReached(ports.clock.now(), AT_A_TIME);
  const results = await Promise.allSettled(reached.map((ref) => announce(ref, ports)));
  const failures = results.flatMap((result, index) => {
    const work = reached[index];
    return result.status === 'rejected' && work ? [{ work, error: result.reason }] : [];
  });
  return { done: reached.length - failures.length, failures };
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
