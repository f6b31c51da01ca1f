import * as z from 'zod/mini';
import { EXPIRING_DAYS } from '../../../domain/model/expiry.ts';
import {
  AUTH_TYPES,
  CHECK_OUTCOMES,
  HISTORY_REASONS,
  HISTORY_TYPES,
  STATUS_REASONS,
  STATUSES,
} from '../../../domain/terms.ts';
import { actor, historyState } from '../../../messages/connection-event.ts';
import { described, named, pageOf, time } from './primitives.ts';

const statusReason = named(
  'StatusReason',
  z.strictObject({
    code: described(
      z.enum(STATUS_REASONS),
      'They ran out; the service no longer accepts them; or it does, but no longer allows this.',
    ),
    message: described(z.string(), 'The reason as a sentence.'),
  }),
  'Why credentials do not work.',
);

const outcome = described(
  z.enum(CHECK_OUTCOMES),
  "What the provider's response means. Only ok and rejected can change the status.",
);

/** Schema of a connection. */
export const connection = named(
  'Connection',
  z.strictObject({
    id: described(z.string(), 'con_ and a UUIDv7: ids sort by age.'),
    projectId: z.string(),
    provider: z.strictObject({ id: z.string(), name: z.string(), iconUrl: z.url() }),
    name: z.string(),
    authType: z.enum(AUTH_TYPES),
    status: described(z.enum(STATUSES), 'Flows that use an inactive connection are blocked.'),
    statusReason: described(z.nullable(statusReason), 'Why it is inactive; null while it is active.'),
    statusSince: time,
    account: described(
      z.nullable(z.strictObject({ id: z.string(), label: z.string() })),
      'The account that the credentials authenticate; null if the provider does not report it.',
    ),
    flowCount: described(
      z.int(),
      'The number of flows that use it; a flow counts once, whatever the number of its steps.',
    ),
    connectedAt: time,
    reconnectedAt: described(z.nullable(time), 'When its credentials were last replaced.'),
    lastCheckedAt: described(
      z.nullable(time),
      'When the provider last accepted or rejected it. A list may show an earlier time: of the last check that found something new, was made on demand, or came with new credentials.',
    ),
    nextCheckAt: described(
      z.nullable(time),
      'When the schedule checks it next; null if its provider was removed from the catalog.',
    ),
    lastCheck: described(
      z.optional(z.strictObject({ outcome, at: time })),
      'The last check and its outcome, also of an outage. Not in lists.',
    ),
    expiresAt: described(z.nullable(time), 'When its credentials end; null if that is not known.'),
    expiresSoon: described(
      z.boolean(),
      `True if it is active and its credentials end within ${EXPIRING_DAYS} days.`,
    ),
    createdBy: described(z.string(), 'The id of the user who created it.'),
    updatedAt: time,
    version: described(z.int(), 'Grows with each change; its ETag.'),
  }),
  'Stored credentials for one account at one provider, shared by the flows of a project.',
);

export type ConnectionView = z.input<typeof connection>;

const counts = described(
  z.strictObject({ all: z.int(), active: z.int(), inactive: z.int() }),
  "The project's counts, whatever the filters.",
);

/** Schema of a page of connections with the project's counts. */
export const connectionPage = named(
  'ConnectionPage',
  z.extend(pageOf(connection), { counts }),
  'A page of connections.',
);

/** Schema of a check on demand and the connection afterwards. */
export const checked = named(
  'Checked',
  z.strictObject({
    connection,
    check: z.strictObject({
      outcome,
      at: time,
      durationMs: described(z.number(), "The provider's response time."),
    }),
  }),
  'A check, and the connection after it.',
);

/** Schema of one entry of a connection's history. */
const historyEntry = named(
  'HistoryEntry',
  z.strictObject({
    id: z.string(),
    at: time,
    type: z.enum(HISTORY_TYPES),
    actor: described(actor, 'Who caused it: a user, or the system.'),
    from: described(z.optional(historyState), 'The changed values before.'),
    to: described(z.optional(historyState), 'The changed values after.'),
    reason: described(
      z.optional(z.enum(HISTORY_REASONS)),
      'Why, as a code: that of statusReason, or of the failure.',
    ),
  }),
  'One entry of the history of a connection.',
);

export type HistoryEntryView = z.input<typeof historyEntry>;

/** Schema of a page of a connection's history, newest first. */
export const historyPage = named(
  'HistoryPage',
  pageOf(historyEntry),
  'A page of the history of a connection, newest first.',
);
