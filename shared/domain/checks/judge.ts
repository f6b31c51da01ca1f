import type { Actor } from '../access/actor.ts';
import type { Connection, StatusReasonCode } from '../connections/connection.ts';
import { type HistoryChange, type HistoryEntry, historyEntry } from '../connections/history.ts';
import { confirmed, deactivated } from '../connections/transitions.ts';
import type { Verification } from '../credentials/verification.ts';
import { affectedFlows } from '../flows/affected.ts';
import type { FlowReader } from '../flows/flow.ts';
import type { OperationContext } from '../operation-context.ts';

/** A refusal counts once it was given twice: one may come from a provider in the middle of a fault. */
export async function verifyConfirmingRejection(verify: () => Promise<Verification>): Promise<Verification> {
  const first = await verify();
  return first.outcome === 'rejected' ? verify() : first;
}

/**
 * The connection as the provider's answer leaves it. Only the provider's own word changes it, a refusal or an
 * acceptance; where there was no answer, or nothing new in it, it is the same object.
 */
export function applyVerification(
  connection: Connection,
  verification: Verification,
  at: string,
): Connection {
  if (verification.outcome === 'rejected') {
    return deactivated(connection, reasonFor(connection, verification.reason, at), at);
  }
  if (verification.outcome === 'ok') return confirmed(connection, verification.expiresAt, at);
  return connection;
}

/** Few providers tell what ran out from what was taken back; where the end is known, it is told here. */
function reasonFor({ expiresAt }: Connection, reason: StatusReasonCode, at: string): StatusReasonCode {
  const isOver = expiresAt !== null && expiresAt <= at;
  return isOver && reason === 'access_revoked' ? 'credentials_expired' : reason;
}

/** The turn of a connection's status for its history, with the flows that it concerns; none where none turned. */
export async function statusChanges(
  before: Connection,
  after: Connection,
  ports: Pick<FlowReader, 'flowsUsing'>,
): Promise<readonly HistoryChange[]> {
  if (before.status === after.status && before.statusReason === after.statusReason) return [];
  const sides = { from: { status: before.status }, to: { status: after.status } };
  const reason = after.statusReason ? { reason: after.statusReason } : {};
  return [{ type: 'status_changed', ...sides, ...reason, flows: await affectedFlows(after, ports) }];
}

/** The entries of what happened to a connection at one time by one actor. */
export function historyEntries(
  connection: Connection,
  changes: readonly HistoryChange[],
  by: { readonly actor: Actor; readonly at: string },
  ports: Pick<OperationContext, 'ids' | 'correlationId'>,
): readonly HistoryEntry[] {
  return changes.map((change) => historyEntry(connection, change, by, ports));
}
