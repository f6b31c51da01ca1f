import type { Cadence } from '../checks/slots.ts';
import type { Connection } from './connection.ts';
import type { ExpiryReminder } from './expiry.ts';

/** The mark of an operation that is under way on a connection; void, and swept, once its deadline is past. */
export interface Lease {
  readonly id: string;
  readonly expiresAt: string;
}

/** A connection as it is kept: with the secret version that serves, and the reconnect under way, if any. */
export interface StoredConnection {
  readonly connection: Connection;
  /** How many commits it has seen when it was read; the next one is made on the condition that it is still so. */
  readonly revision: number;
  /** The version of the secret that readers ask for; never a label. */
  readonly secretVersion: string;
  readonly lease: Lease | null;
  /** How often it is checked: its provider's cadence as of the last check or reconnect. */
  readonly cadence: Cadence;
  /** When its coming end is to be announced next, or has come; null where no end is known. */
  readonly reminder: ExpiryReminder | null;
}

/** The note that a connection is being made, so that a crash leaves no secret behind. */
export interface CreationIntent {
  readonly connectionId: string;
  readonly projectId: string;
  readonly expiresAt: string;
  /** Set by the sweeper that cleans up; from then on the creation can no longer be committed. */
  readonly abandoned: boolean;
}
