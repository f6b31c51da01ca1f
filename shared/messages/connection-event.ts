import * as z from 'zod/mini';
import { HISTORY_REASONS, HISTORY_TYPES, type HistoryType, STATUSES } from '../domain/terms.ts';

/** Schema of one side of a change: the values that changed. */
export const historyState = z.object({
  name: z.exactOptional(z.string()),
  status: z.exactOptional(z.enum(STATUSES)),
  account: z.exactOptional(z.string()),
  expiresAt: z.exactOptional(z.iso.datetime({ precision: 3 })),
  flowId: z.exactOptional(z.string()),
  stepId: z.exactOptional(z.string()),
});

/** Schema of who caused a change: a user, or the system. */
export const actor = z.union([
  z.object({ type: z.literal('user'), id: z.string() }),
  z.object({ type: z.literal('system') }),
]);

/** Schema of what history entries and events share, under the same names. */
export const changeFields = {
  projectId: z.string(),
  connectionId: z.string(),
  /** The connection's name at that time. */
  name: z.string(),
  type: z.enum(HISTORY_TYPES),
  at: z.string(),
  actor,
  /** The id of the request, message or run that caused the change, as its log lines carry it. */
  correlationId: z.exactOptional(z.string()),
  from: z.exactOptional(historyState),
  to: z.exactOptional(historyState),
  reason: z.exactOptional(z.enum(HISTORY_REASONS)),
  /** The flows that a status change or a coming expiry affects: their number, and the first 100 by id. */
  flows: z.exactOptional(
    z.object({ count: z.number(), items: z.array(z.object({ id: z.string(), name: z.string() })) }),
  ),
};

/** Schema of the detail of an event about a connection. It never holds credentials. */
export const connectionEvent = z.object({
  /** The id of the history entry: repeated deliveries have the same. */
  eventId: z.string(),
  /** The provider's id. */
  provider: z.string(),
  ...changeFields,
});

export type ConnectionEvent = z.infer<typeof connectionEvent>;

/** An EventBridge detail type, such as `connection.status_changed`. */
export type DetailType = `connection.${HistoryType}`;
