import { type Actor, SYSTEM } from '../access/actor.ts';
import { reminderAfter } from '../connections/expiry.ts';
import { providerOf } from '../connections/provider.ts';
import type { StoredConnection } from '../connections/stored.ts';
import type { SecretReader } from '../credentials/secrets.ts';
import type { Verification, Verifier } from '../credentials/verification.ts';
import type { FlowReader } from '../flows/flow.ts';
import type { OperationContext } from '../operation-context.ts';
import { timestamp } from '../time.ts';
import type { UnitOfWork } from '../unit-of-work.ts';
import { applyVerification, historyEntries, statusChanges, verifyConfirmingRejection } from './judge.ts';

export type RunCheckPorts = Pick<FlowReader, 'flowsUsing'> & SecretReader & Verifier & OperationContext;

/** What a provider said of a connection, and what follows from it. */
export interface CheckResult {
  readonly verification: Verification;
  readonly at: string;
  /** What is to be committed; null where nothing is new. */
  readonly change: { readonly after: StoredConnection; readonly unit: UnitOfWork } | null;
}

interface CheckOrigin {
  readonly actor: Actor;
  /** Whether the time of the check itself is worth keeping with the connection. */
  readonly recordsTime: boolean;
}

/** A check that the schedule, or an engine's report, brought about: its time is kept apart. */
export const BY_SCHEDULE: CheckOrigin = { actor: SYSTEM, recordsTime: false };

/** Asks the provider whether a connection works, with the credentials that serve. Commits nothing itself. */
export async function runCheck(
  before: StoredConnection,
  by: CheckOrigin,
  ports: RunCheckPorts,
): Promise<CheckResult> {
  const credentials = await ports.readSecret(before.connection.id, before.secretVersion);
  const provider = providerOf(before.connection, ports);
  const verification = await verifyConfirmingRejection(() => ports.verify(provider, credentials));
  const now = ports.clock.now();
  const at = timestamp(now);
  const verified = applyVerification(before.connection, verification, at);
  const { cadence } = provider;
  const isNew = verified !== before.connection || cadence !== before.cadence;
  if (!isNew && !(by.recordsTime && isConclusive(verification))) return { verification, at, change: null };
  const connection = { ...verified, ...(isConclusive(verification) && { lastCheckedAt: at }) };
  const { status, expiresAt } = before.connection;
  // What is due to be announced stays due, unless there is another end to announce, or one again.
  const isNewEnd = connection.expiresAt !== expiresAt || connection.status !== status;
  const reminder = isNewEnd ? reminderAfter(now, connection.expiresAt) : before.reminder;
  const after = { ...before, connection, cadence, reminder };
  const statusChange = await statusChanges(before.connection, connection, ports);
  const history = historyEntries(connection, statusChange, { actor: by.actor, at }, ports);
  return { verification, at, change: { after, unit: { connections: [{ before, after }], history } } };
}

/** Whether the provider has said something about the credentials. */
export function isConclusive({ outcome }: Verification): boolean {
  return outcome === 'ok' || outcome === 'rejected';
}
