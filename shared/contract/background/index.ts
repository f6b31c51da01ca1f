import { CONNECTION_SK_PREFIX, EVENT_SOURCE, HISTORY_SK_PREFIX } from '../../domain/terms.ts';
import type { DetailType } from '../../messages/connection-event.ts';
import { type Capability, CHECK, TOKEN_REQUESTS } from '../capabilities.ts';

/** Declaration that all background functions share. */
interface BackgroundFunction {
  /** One sentence for operators. */
  readonly summary: string;
  readonly capabilities: readonly Capability[];
}

/** A function that EventBridge invokes on a schedule. */
export interface Schedule extends BackgroundFunction {
  /** The function's file under `functions/`. Local mode runs it by the last part. */
  readonly entry: `schedules/${string}`;
  readonly everyMinutes: number;
}

/** A function that consumes an SQS queue. */
export interface QueueWorker extends BackgroundFunction {
  readonly entry: `queues/${string}`;
  /** Messages per invocation at most. */
  readonly batchSize: number;
}

/** A function that consumes the table's stream. */
export interface StreamWorker extends BackgroundFunction {
  readonly entry: `streams/${string}`;
  /** Lambda's filter patterns of its records, in DynamoDB JSON: one of them must match. */
  readonly filters: readonly Readonly<Record<string, unknown>>[];
}

/** A function that a rule on the event bus invokes. */
export interface EventHandler extends BackgroundFunction {
  readonly entry: `events/${string}`;
  /** EventBridge's pattern of its events. */
  readonly pattern: {
    readonly source: readonly [typeof EVENT_SOURCE];
    readonly 'detail-type': readonly DetailType[];
  };
}

/** All scheduled functions. */
export const schedules = {
  sweepOrphans: {
    entry: 'schedules/sweep-orphans',
    everyMinutes: 1,
    summary: 'Finishes creations and reconnects that a crash interrupted',
    capabilities: ['table:read', 'table:write', 'credentials:promote', 'credentials:remove'],
  },
  enqueueDueChecks: {
    entry: 'schedules/enqueue-due-checks',
    everyMinutes: 1,
    summary: 'Enqueues due checks',
    capabilities: ['table:read', 'table:write', 'checks:enqueue'],
  },
  advanceDeletions: {
    entry: 'schedules/advance-deletions',
    everyMinutes: 1,
    summary: 'Disables, restores and removes the contents of deleted projects',
    capabilities: ['deletions:write', 'projects:remove'],
  },
  announceExpiry: {
    entry: 'schedules/announce-expiry',
    everyMinutes: 1,
    summary: 'Announces the coming end of credentials, and deactivates connections at the end',
    capabilities: ['table:read', 'table:write'],
  },
  sendDigests: {
    entry: 'schedules/send-digests',
    everyMinutes: 1,
    summary: 'Sends the collected notices of each project as one digest',
    capabilities: ['notices:send', 'notices:collect'],
  },
} as const satisfies Record<string, Schedule>;

/** All queue workers. */
export const queueWorkers = {
  checkConnections: {
    entry: 'queues/check-connections',
    batchSize: 5,
    summary: 'Checks connections with their providers',
    capabilities: ['checks:enqueue', ...CHECK],
  },
} as const satisfies Record<string, QueueWorker>;

/** The keys of a connection's item, in a filter pattern. */
const CONNECTION_KEYS = { sk: { S: [{ prefix: CONNECTION_SK_PREFIX }] } };

/** All stream workers. */
export const streamWorkers = {
  retireSecrets: {
    entry: 'streams/retire-secrets',
    filters: [
      { eventName: ['REMOVE'], dynamodb: { Keys: CONNECTION_KEYS } },
      // A commit of new credentials, or of ones moved to another store, which have yet to be promoted.
      {
        eventName: ['MODIFY'],
        dynamodb: { Keys: CONNECTION_KEYS, NewImage: { promotionPending: { BOOL: [true] } } },
      },
    ],
    summary: 'Revokes grants that a disconnect or reconnect ended, and schedules the deletion of credentials',
    capabilities: ['table:read', 'credentials:read', 'credentials:remove', ...TOKEN_REQUESTS],
  },
  relayEvents: {
    entry: 'streams/relay-events',
    filters: [{ eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: [{ prefix: HISTORY_SK_PREFIX }] } } } }],
    summary: 'Publishes each history entry on the event bus',
    capabilities: ['events:publish'],
  },
} as const satisfies Record<string, StreamWorker>;

/** All event handlers. */
export const eventHandlers = {
  notify: {
    entry: 'events/notify',
    pattern: {
      source: [EVENT_SOURCE],
      'detail-type': ['connection.status_changed', 'connection.expiring'],
    },
    summary: 'Notifies subscribers that a connection stopped, works again or is about to expire',
    capabilities: ['notices:send', 'notices:collect', 'idempotency:write', 'catalog:summaries'],
  },
} as const satisfies Record<string, EventHandler>;
