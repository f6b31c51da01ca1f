import * as z from 'zod/mini';

const time = z.string();

const summaryFields = {
  providerId: z.string(),
  name: z.string(),
  statusSince: time,
  account: z.nullable(z.object({ id: z.string(), label: z.string() })),
  flowCount: z.number(),
  connectedAt: time,
  reconnectedAt: z.nullable(time),
  lastCheckedAt: z.nullable(time),
  expiresAt: z.nullable(time),
  createdBy: z.string(),
  updatedAt: time,
  version: z.number(),
};

/** What lists show of a connection; every list index projects it. */
const summary = z.discriminatedUnion('status', [
  z.object({ ...summaryFields, status: z.literal('active'), statusReason: z.null() }),
  z.object({
    ...summaryFields,
    status: z.literal('inactive'),
    statusReason: z.enum(['credentials_expired', 'access_revoked', 'access_changed']),
  }),
]);

const key = { pk: z.string(), sk: z.string() };

/** A connection as an index lists it; those by age do not carry its name's key. */
export const summaryItem = z.object({ ...key, summary, nameKey: z.optional(z.string()) });

const lease = z.object({ id: z.string(), expiresAt: time });

/** A connection. Its index keys are written from the rest and never read back. */
export const connectionItem = z.object({
  ...key,
  summary,
  revision: z.number(),
  secretVersion: z.string(),
  lease: z.optional(lease),
  cadence: z.enum(['hour', 'six_hours', 'day']),
  reminder: z.optional(
    z.object({ at: time, daysAhead: z.union([z.literal(14), z.literal(7), z.literal(1), z.literal(0)]) }),
  ),
});

/** A connection as the search indexes show it. */
export const facetItem = z.object({ ...key, nameKey: z.string() });

/** A connection as a flow needs it. */
export const statusItem = z.object({ ...key, summary: z.object({ status: z.enum(['active', 'inactive']) }) });

/** The exact counts of a project. */
export const countsItem = z.object({ total: z.number(), active: z.number(), inactive: z.number() });

/** A creation under way. */
export const intentItem = z.object({ ...key, recoverAt: time, abandoned: z.boolean() });

/** A person's role in a project. */
export const memberItem = z.object({ pk: z.string(), role: z.enum(['administrator', 'member']) });

/** A flow, or one of its steps. */
export const flowItem = z.union([
  z.object({ ...key, name: z.string(), revision: z.number() }),
  z.object({ ...key, providerId: z.string(), connectionId: z.string() }),
]);

/** The name of a flow, without its steps. */
export const flowHeadItem = z.object({ ...key, name: z.string() });

/** That a flow uses a connection. */
export const useItem = z.object({ ...key });

const state = z.exactOptional(
  z.object({
    name: z.exactOptional(z.string()),
    status: z.exactOptional(z.enum(['active', 'inactive'])),
    account: z.exactOptional(z.string()),
    expiresAt: z.exactOptional(time),
    flowId: z.exactOptional(z.string()),
    stepId: z.exactOptional(z.string()),
  }),
);

/** What happened to a connection. */
export const historyItem = z.object({
  id: z.string(),
  projectId: z.string(),
  connectionId: z.string(),
  providerId: z.string(),
  name: z.string(),
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
  at: time,
  /** Older entries have none. */
  correlationId: z.exactOptional(z.string()),
  actor: z.union([
    z.object({ type: z.literal('user'), id: z.string() }),
    z.object({ type: z.literal('system') }),
  ]),
  from: state,
  to: state,
  flows: z.exactOptional(
    z.object({ count: z.number(), items: z.array(z.object({ id: z.string(), name: z.string() })) }),
  ),
  reason: z.exactOptional(
    z.enum([
      'credentials_expired',
      'access_revoked',
      'access_changed',
      'account_mismatch',
      'interrupted',
      'provider_unavailable',
    ]),
  ),
});

/** An item of an index that projects its keys alone. */
export const keyItem = z.object({ ...key });

/** A connection as the index of check slots lists it. */
export const dueItem = z.object({ ...key, checkOrder: z.string() });

/** The last check of a connection; a report of a failure may come before the first. */
export const lastCheckItem = z.object({
  scheduledFor: z.optional(z.string()),
  at: z.optional(time),
  outcome: z.optional(z.enum(['ok', 'rejected', 'rate_limited', 'unavailable'])),
  answeredAt: z.optional(time),
  retryAt: z.optional(time),
  reportId: z.optional(z.string()),
});

/** How far the scheduler of checks has come: a minute, counted from 1970. */
export const checkpointItem = z.object({ minute: z.number() });

/** A bucket of calls: how many there were at a time (ms since 1970), and until when it is closed. */
export const tokenBucketItem = z.object({ tokens: z.number(), at: z.number(), cooldownUntil: z.number() });

/** The first answer to a request with an idempotency key. */
export const idempotencyItem = z.object({
  claim: z.string(),
  salt: z.string(),
  fingerprint: z.string(),
  lockedUntil: z.string(),
  ttl: z.number(),
  answer: z.exactOptional(
    z.object({ statusCode: z.number(), headers: z.record(z.string(), z.string()), body: z.string() }),
  ),
});

/** Who does, or did, what is done once. */
export const onceItem = z.object({ claim: z.string(), done: z.boolean(), ttl: z.number() });
