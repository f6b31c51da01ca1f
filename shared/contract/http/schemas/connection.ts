import * as z from 'zod/mini';
import { EXPIRING_DAYS } from '../../../domain/connections/expiry.ts';
import { described, named, pageOf, time } from './primitives.ts';

const statusReason = named(
  'StatusReason',
  z.strictObject({
    code: described(
      z.enum(['credentials_expired', 'access_revoked', 'access_changed']),
      'They ran out; the service no longer accepts them; or it does, but no longer allows this.',
    ),
    message: described(z.string(), 'The reason for people.'),
  }),
  'Why credentials do not work.',
);

const outcome = described(
  z.enum(['ok', 'rejected', 'unavailable', 'rate_limited']),
  'What the provider answered. Only ok and rejected can change the status.',
);

/** A connection as the API tells it. */
export const connection = named(
  'Connection',
  z.strictObject({
    id: described(z.string(), 'con_ and a UUIDv7: ids sort by age.'),
    projectId: z.string(),
    provider: z.strictObject({ id: z.string(), name: z.string(), iconUrl: z.url() }),
    name: z.string(),
    authType: z.enum(['api_key', 'basic', 'custom', 'oauth2']),
    status: described(z.enum(['active', 'inactive']), 'Flows that use an inactive connection are blocked.'),
    statusReason: described(z.nullable(statusReason), 'Why it is inactive; null while it is active.'),
    statusSince: time,
    account: described(
      z.nullable(z.strictObject({ id: z.string(), label: z.string() })),
      'Whose account the credentials act for; null where the service does not tell.',
    ),
    flowCount: described(z.int(), 'How many flows use it. A flow counts once, however many of its steps do.'),
    connectedAt: time,
    reconnectedAt: described(z.nullable(time), 'When its credentials were last replaced.'),
    lastCheckedAt: described(
      z.nullable(time),
      'When the provider last answered for it. A list may tell an earlier time: of the last check that found something new, was asked for, or came with new credentials.',
    ),
    nextCheckAt: described(time, 'When it is checked next by schedule.'),
    lastCheck: described(
      z.optional(z.strictObject({ outcome, at: time })),
      'The last check and what came of it, an outage too. Not in lists.',
    ),
    expiresAt: described(z.nullable(time), 'When its credentials end; null where that is not known.'),
    expiresSoon: described(
      z.boolean(),
      `Whether it is active and its credentials end within ${EXPIRING_DAYS} days.`,
    ),
    createdBy: described(z.string(), 'The id of the person who made it.'),
    updatedAt: time,
    version: described(z.int(), 'Grows with each change; its ETag.'),
  }),
  'Stored credentials for one account at one service, shared by the flows of a project.',
);

export type ConnectionView = z.input<typeof connection>;

const counts = described(
  z.strictObject({ all: z.int(), active: z.int(), inactive: z.int() }),
  "The project's counts, whatever the filters.",
);

/** A page of connections, with the project's counts. */
export const connectionPage = named(
  'ConnectionPage',
  z.extend(pageOf(connection), { counts }),
  'A page of connections.',
);

/** A check and the connection as it left it. */
export const checked = named(
  'Checked',
  z.strictObject({
    connection,
    check: z.strictObject({
      outcome,
      at: time,
      durationMs: described(z.number(), 'How long the provider took.'),
    }),
  }),
  'A check, and the connection as the check left it.',
);

const actor = described(
  z.union([
    z.strictObject({ type: z.literal('user'), id: z.string() }),
    z.strictObject({ type: z.literal('system') }),
  ]),
  'Who caused it: a person, or the system by itself.',
);

const state = z.strictObject({
  name: z.optional(z.string()),
  status: z.optional(z.enum(['active', 'inactive'])),
  account: z.optional(z.string()),
  expiresAt: z.optional(time),
  flowId: z.optional(z.string()),
  stepId: z.optional(z.string()),
});

/** One thing that happened to a connection. */
const historyEntry = named(
  'HistoryEntry',
  z.strictObject({
    id: z.string(),
    at: time,
    type: z.enum([
      'created',
      'renamed',
      'reconnected',
      'reconnect_failed',
      'status_changed',
      'expiring',
      'linked',
      'unlinked',
      'disconnected',
    ]),
    actor,
    from: described(z.optional(state), 'What changed, as it was.'),
    to: described(z.optional(state), 'What changed, as it is since.'),
    reason: described(z.optional(z.string()), 'Why, as a code: that of statusReason, or of the refusal.'),
  }),
  'One thing that happened to a connection.',
);

/** What happened to a connection, newest first. */
export const historyPage = named(
  'HistoryPage',
  pageOf(historyEntry),
  'What happened to a connection, newest first.',
);
