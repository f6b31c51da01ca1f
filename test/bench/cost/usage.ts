import type { CredentialStoreName } from '../../../shared/domain/terms.ts';

/** Quantities that `npm run bench` measures, or a lower layer fixes, and the bill multiplies with prices. */

/** Bytes of a connection's item and of its entries in all indexes, with DynamoDB's overhead of 100 bytes for each. */
export const CONNECTION_BYTES = { item: 1_000, indexes: 5_400 } as const;
/** Bytes of a last check, of a history entry, and of sealed credentials, each with the same overhead. */
export const OTHER_BYTES = { lastCheck: 300, history: 500, sealedCredentials: 800 } as const;

/**
 * Read units of a check without new findings: half a one for the last check, one for the connection; when sealed, half a
 * one for the version, and one for its key.
 */
export const CHECK_READS: Readonly<Record<CredentialStoreName, number>> = {
  'secret-per-connection': 1.5,
  /** The project's key is read again after 15 minutes: at most once a check, where a project has few connections. */
  sealed: 3,
};
export const CHECK_WRITES = 1;
/** Read units of the index of slots for each due check. */
export const SLOT_READS = 0.017;
/** Connections of one message that are checked at the same time, with one take of tokens: a read and a write. */
export const CHECKS_PER_TAKE = 10;
/** Seconds that a provider takes to respond to these, with the calls of AWS. */
export const TAKE_SECONDS = 0.5;
export const FUNCTION_GB = 0.5;
export const MESSAGE_LOG_BYTES = 1_000;
/** Messages that one request sends. */
export const SENT_TOGETHER = 10;
/** Providers among which the connections are spread evenly. */
export const PROVIDERS = 20;

/** Changes of a connection in a month: of the status, or by a user. */
export const CHANGES = 3;
export const CHANGE_WRITES = 22;
/** Dollars of an event, relayed and archived: docs/cost.md, "Events, notices, webhook". */
export const EVENT_USD = 0.000009;

/** Write units of a refresh, without and with a new refresh token, and the secret and key calls of the latter. */
export const REFRESHES = {
  kept: { writes: 10, reads: 2, secretCalls: 1, keyCalls: 1 },
  replaced: { writes: 16, reads: 3, secretCalls: 4, keyCalls: 3 },
} as const;
/** Write units that a replaced refresh token adds when it is sealed: the new version, and its promotion. */
export const SEALED_VERSION_WRITES = 5;

/** Days after which a project has a new data key, with which the checks seal its credentials again: one unit each. */
export const ROTATION_DAYS = 90;

/** Execution environments that open credentials, and minutes after which each reads the keyrings again. */
export const ENVIRONMENTS = 10;
export const KEYRINGS = 2;
export const KEYRING_MINUTES = 5;

/** A stage without users: docs/cost.md lists the parts. */
export const STAGE = {
  keys: 3,
  alarms: 92,
  dashboards: 1,
  metrics: 3,
  schedules: 4,
  scheduleSeconds: 0.1,
  scheduleReads: 2,
  pollers: 5,
  pollSeconds: 20,
} as const;
