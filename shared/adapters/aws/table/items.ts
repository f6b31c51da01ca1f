import * as z from 'zod/mini';
import {
  AUTHORIZATION_STATUSES,
  CADENCES,
  CHECK_OUTCOMES,
  CREDENTIAL_STORES,
  DELETION_STATUSES,
  HISTORY_TYPES,
  LEASE_PURPOSES,
  REMINDER_DAYS,
  ROLES,
} from '../../../domain/terms.ts';
import { changeFields } from '../../../messages/connection-event.ts';
import { projectEvent } from '../../../messages/project-event.ts';

/** An item as DynamoDB returned it. */
export type Item = Readonly<Record<string, unknown>>;

/**
 * Returns an attribute that is a string. For items of which a request reads up to a hundred, each with two or three such
 * attributes: a schema takes longer than all else that is done with them.
 *
 * @throws Error if the item has no such string.
 */
export function textOf(item: Item, attribute: string): string {
  const value = item[attribute];
  if (typeof value === 'string') return value;
  throw new Error(`An item without the attribute ${attribute}.`);
}

/** Schemas of the table's items. Attributes that no reader needs, such as index keys, are left out. */

const time = z.string();
const key = { pk: z.string(), sk: z.string() };

/** Summary of a connection for lists: JSON, of which `summary.ts` has the type. Every list index projects it. */
const summary = z.string();

const lease = z.object({ id: z.string(), purpose: z.enum(LEASE_PURPOSES), expiresAt: time });

const reminder = z.object({ at: time, daysAhead: z.literal(REMINDER_DAYS) });

/** A connection. */
export const connectionItem = z.object({
  ...key,
  summary,
  revision: z.number(),
  credentialsVersion: z.string(),
  /** Absent for a secret per connection. */
  credentialStore: z.optional(z.enum(CREDENTIAL_STORES)),
  promotionPending: z.optional(z.literal(true)),
  lease: z.optional(lease),
  interruptedRefresh: z.optional(z.string()),
  accessToken: z.optional(z.object({ sealed: z.string(), expiresAt: z.nullable(time), issuedAt: time })),
  cadence: z.enum(CADENCES),
  reminder: z.optional(reminder),
});

/** A connection that is disabled, or not. */
export const disabledItem = z.object({ disabled: z.optional(z.literal(true)) });

/** The key of an item of a search index. */
export const searchKey = z.object({ sk: key.sk, nameKey: z.optional(z.string()) });

/** The exact counts of a project. */
export const countsItem = z.object({ total: z.number(), active: z.number(), inactive: z.number() });

/** The counts of a project that is deleted, or not. `recoverAt` is the time from which the deletion continues. */
export const deletionItem = z.object({
  recoverAt: z.optional(time),
  deletion: z.optional(
    z.object({
      status: z.enum(DELETION_STATUSES),
      requestedAt: time,
      restorableUntil: time,
      processed: z.number(),
      position: z.nullable(z.string()),
      revision: z.string(),
    }),
  ),
});

/** A creation under way. */
export const intentItem = z.object({ ...key, recoverAt: time, abandoned: z.boolean() });

/** The record of an imported connection. */
export const importItem = z.object({ connectionId: z.string(), isComplete: z.boolean() });

/** A user's role in a project. */
export const memberItem = z.object({ pk: z.string(), role: z.enum(ROLES) });

/** A flow, or one of its steps. */
export const flowItem = z.union([
  z.object({ ...key, name: z.string(), revision: z.number() }),
  z.object({ ...key, providerId: z.string(), connectionId: z.string() }),
]);

/** A flow's name. */
export const flowNameItem = z.object({ ...key, name: z.string() });

/** An item of which only the key is read: a use of a connection, or an index that projects keys only. */
export const keyItem = z.object({ ...key });

/** An entry of a connection's history. */
export const historyItem = z.object({ id: z.string(), providerId: z.string(), ...changeFields });

/** An item that becomes an event: a history entry, or the event of a project that was deleted. */
export const outboxItem = z.union([historyItem, projectEvent]);

/** A connection in the index of check slots. */
export const dueItem = z.object({ ...key, checkOrder: z.string() });

/** The last check of a connection. A failure report may be stored before the first check. */
export const lastCheckItem = z.object({
  scheduledFor: z.optional(z.string()),
  at: z.optional(time),
  outcome: z.optional(z.enum(CHECK_OUTCOMES)),
  respondedAt: z.optional(time),
  retryAt: z.optional(time),
  reportId: z.optional(z.string()),
});

/** The scheduler's checkpoint: a minute since 1970. */
export const checkpointItem = z.object({ minute: z.number() });

/** The checkpoint of a run that fills keys of indexes: the last item it is done with, for these indexes. */
export const fillCheckpointItem = z.object({ indexes: z.string(), after: z.object({ ...key }) });

/** A provider's token bucket. */
export const tokenBucketItem = z.object({
  tokens: z.number(),
  urgentTokens: z.number(),
  at: z.number(),
  cooldownUntil: z.number(),
});

/** A project's open notice window. */
export const noticeWindowItem = z.object({ pk: z.string(), reminderAt: time });

/** A collected notice. */
export const noticeItem = z.object({
  notice: z.object({
    eventId: z.string(),
    projectId: z.string(),
    provider: z.string(),
    type: z.enum(HISTORY_TYPES),
    subject: z.string(),
    text: z.string(),
  }),
});

/** A version of sealed credentials. `ttl` is there while TTL is to remove it. */
export const sealedCredentialsItem = z.object({
  sk: key.sk,
  sealed: z.string(),
  current: z.optional(z.literal(true)),
  retiredAt: z.optional(time),
});

/** A data key of a project. */
export const projectKeyItem = z.object({ sk: key.sk, sealed: z.string() });

/** An authorization under way, or completed. */
export const authorizationItem = z.object({
  id: z.string(),
  projectId: z.string(),
  userId: z.string(),
  providerId: z.string(),
  client: z.string(),
  redirectUri: z.string(),
  returnTo: z.string(),
  target: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('create'),
      flowId: z.string(),
      stepId: z.string(),
      name: z.optional(z.string()),
    }),
    z.object({ kind: z.literal('reconnect'), connectionId: z.string(), allowAccountChange: z.boolean() }),
  ]),
  fields: z.record(z.string(), z.string()),
  sealedFields: z.optional(z.string()),
  issuer: z.optional(z.string()),
  isIssuerSent: z.optional(z.boolean()),
  stateDigest: z.string(),
  codeVerifier: z.nullable(z.string()),
  status: z.enum(AUTHORIZATION_STATUSES),
  returned: z.optional(z.string()),
  completionDigest: z.optional(z.string()),
  lockedUntil: z.optional(time),
  expiresAt: time,
  revision: z.string(),
});

/** Requests of a project in a minute. */
export const requestCountItem = z.object({ requests: z.number() });

/** An idempotency record. */
export const idempotencyItem = z.object({
  ownerId: z.string(),
  status: z.enum(['in_progress', 'completed']),
  lockedUntil: time,
  ttl: z.number(),
  fingerprint: z.optional(z.object({ salt: z.string(), hash: z.string() })),
  result: z.optional(z.unknown()),
});
