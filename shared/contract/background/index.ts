import type { HistoryType } from '../../domain/connections/history.ts';
import type { Capability } from '../capabilities.ts';

/** A function that EventBridge starts by the clock. */
export interface Schedule {
  /** The file under `functions/` that holds it, and the name that local mode runs it by. */
  readonly entry: `schedules/${string}`;
  readonly everyMinutes: number;
  readonly summary: string;
  readonly capabilities: readonly Capability[];
}

/** A function that reads the table's stream. */
export interface StreamWorker {
  readonly entry: `streams/${string}`;
  /** The Lambda filter pattern that picks its records, in DynamoDB JSON. */
  readonly filter: Readonly<Record<string, unknown>>;
  readonly summary: string;
  readonly capabilities: readonly Capability[];
}

/** A function that takes messages from a queue. */
export interface QueueWorker {
  readonly entry: `queues/${string}`;
  /** How many messages an invocation takes at most. */
  readonly batchSize: number;
  readonly summary: string;
  readonly capabilities: readonly Capability[];
}

/** A function that a rule on the event bus feeds. */
export interface EventHandler {
  readonly entry: `events/${string}`;
  /** The EventBridge pattern that picks its events. */
  readonly pattern: {
    readonly source: readonly ['connections'];
    readonly 'detail-type': readonly `connection.${HistoryType}`[];
  };
  readonly summary: string;
  readonly capabilities: readonly Capability[];
}

/** Every function that the clock starts. */
export const schedules = {
  sweepOrphans: {
    entry: 'schedules/sweep-orphans',
    everyMinutes: 1,
    summary: 'Ends creations and reconnects that a crash cut short',
    capabilities: ['table:read', 'table:write', 'secrets:write', 'secrets:remove'],
  },
  enqueueDueChecks: {
    entry: 'schedules/enqueue-due-checks',
    everyMinutes: 1,
    summary: 'Enqueues the checks that are due',
    capabilities: ['table:read', 'table:write', 'checks:enqueue'],
  },
  announceExpiry: {
    entry: 'schedules/announce-expiry',
    everyMinutes: 1,
    summary: 'Announces the coming end of credentials, and turns connections inactive at their end',
    capabilities: ['table:read', 'table:write'],
  },
} as const satisfies Record<string, Schedule>;

/** Every function that a queue feeds. */
export const queueWorkers = {
  checkConnections: {
    entry: 'queues/check-connections',
    batchSize: 5,
    summary: 'Checks connections with their providers',
    capabilities: ['table:read', 'table:write', 'secrets:read', 'providers:call', 'checks:enqueue'],
  },
} as const satisfies Record<string, QueueWorker>;

/** Every function that the table's stream feeds. */
export const streamWorkers = {
  retireSecrets: {
    entry: 'streams/retire-secrets',
    filter: { eventName: ['REMOVE'], dynamodb: { Keys: { sk: { S: [{ prefix: 'CON#' }] } } } },
    summary: 'Schedules the deletion of the secret of each disconnected connection',
    capabilities: ['secrets:remove'],
  },
  relayEvents: {
    entry: 'streams/relay-events',
    filter: { eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: [{ prefix: 'HISTORY#' }] } } } },
    summary: 'Publishes each history entry on the event bus',
    capabilities: ['events:publish'],
  },
} as const satisfies Record<string, StreamWorker>;

/** Every function that a rule on the event bus feeds. */
export const eventHandlers = {
  notify: {
    entry: 'events/notify',
    pattern: { source: ['connections'], 'detail-type': ['connection.status_changed', 'connection.expiring'] },
    summary: 'Tells people that a connection stopped, works again or is about to end',
    capabilities: ['notices:send', 'once:write'],
  },
} as const satisfies Record<string, EventHandler>;
