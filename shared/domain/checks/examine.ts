import { type Actor, SYSTEM } from '../access/actor.ts';
import { milestoneAfter } from '../connections/expiry.ts';
import { providerOf } from '../connections/provider.ts';
import type { StoredConnection } from '../connections/stored.ts';
import type { SecretReader } from '../credentials/secrets.ts';
import type { Verification, Verifier } from '../credentials/verification.ts';
import type { Essentials } from '../essentials.ts';
import type { FlowReader } from '../flows/flow.ts';
import { timestamp } from '../time.ts';
import type { UnitOfWork } from '../unit-of-work.ts';
import { entriesOf, judge, turnOf, verifyTwice } from './judge.ts';

export type ExaminePorts = Pick<FlowReader, 'flowsUsing'> & SecretReader & Verifier & Essentials;

/** What a provider said of a connection, and what follows from it. */
export interface Examination {
  readonly verification: Verification;
  readonly at: string;
  /** What is to be committed; null where nothing is new. */
  readonly change: { readonly after: StoredConnection; readonly unit: UnitOfWork } | null;
}

interface By {
  readonly actor: Actor;
  /** Whether the time of the check itself is worth keeping with the connection. */
  readonly dated: boolean;
}

/** A check that the schedule, or an engine's report, brought about: its time is kept apart. */
export const BY_SCHEDULE: By = { actor: SYSTEM, dated: false };

/** Asks the provider whether a connection works, with the credentials that serve. Commits nothing itself. */
export async function examine(before: StoredConnection, by: By, ports: ExaminePorts): Promise<Examination> {
  const credentials = await ports.readSecret(before.connection.id, before.secretVersion);
  const provider = providerOf(before.connection, ports);
  const verification = await verifyTwice(() => ports.verify(provider, credentials));
  const now = ports.clock.now();
  const at = timestamp(now);
  const judged = judge(before.connection, verification, at);
  const { cadence } = provider;
  const isNew = judged !== before.connection || cadence !== before.cadence;
  if (!isNew && !(by.dated && isConclusive(verification))) return { verification, at, change: null };
  const connection = { ...judged, ...(isConclusive(verification) && { lastCheckedAt: at }) };
  const { status, expiresAt } = before.connection;
  // What is due to be announced stays due, unless there is another end to announce, or one again.
  const isNewEnd = connection.expiresAt !== expiresAt || connection.status !== status;
  const milestone = isNewEnd ? milestoneAfter(now, connection.expiresAt) : before.milestone;
  const after = { ...before, connection, cadence, milestone };
  const turn = await turnOf(before.connection, connection, ports);
  const history = entriesOf(connection, turn, { actor: by.actor, at }, ports);
  return { verification, at, change: { after, unit: { connections: [{ before, after }], history } } };
}

/** Whether the provider has said something about the credentials. */
export function isConclusive({ outcome }: Verification): boolean {
  return outcome === 'ok' || outcome === 'rejected';
}
