import * as z from 'zod/mini';

/** Who sends the events; rules on the bus pick them by it. */
export const EVENT_SOURCE = 'connections';

const state = z.exactOptional(
  z.object({
    name: z.exactOptional(z.string()),
    status: z.exactOptional(z.enum(['active', 'inactive'])),
    account: z.exactOptional(z.string()),
    expiresAt: z.exactOptional(z.string()),
    flowId: z.exactOptional(z.string()),
    stepId: z.exactOptional(z.string()),
  }),
);

/** What an event tells of a connection. It says what happened, never with which credentials. */
export const connectionEvent = z.object({
  /** The id of the history entry: an event that comes twice has the same. */
  eventId: z.string(),
  projectId: z.string(),
  connectionId: z.string(),
  /** The provider's id. */
  provider: z.string(),
  /** The connection's name at that time. */
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
  at: z.string(),
  actor: z.union([
    z.object({ type: z.literal('user'), id: z.string() }),
    z.object({ type: z.literal('system') }),
  ]),
  /** Of the request, message or run that did it: finds its lines in the logs. Older events have none. */
  correlationId: z.exactOptional(z.string()),
  from: state,
  to: state,
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
  /** The flows that a turn of the status, or a coming end, concerns: how many, and the names of the first 100 by id. */
  flows: z.exactOptional(
    z.object({ count: z.number(), items: z.array(z.object({ id: z.string(), name: z.string() })) }),
  ),
});

export type ConnectionEvent = z.infer<typeof connectionEvent>;

/** The detail type under which an event stands on the bus, such as `connection.status_changed`. */
export function detailType({ type }: Pick<ConnectionEvent, 'type'>): `connection.${ConnectionEvent['type']}` {
  return `connection.${type}`;
}
