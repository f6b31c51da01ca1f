import type { Cadence, CredentialStoreName } from '../../../shared/domain/terms.ts';
import { MONTH_MINUTES, type MonthOfChecks, monthOfChecks } from './checks.ts';
import { PRICES, type PriceName } from './prices.ts';
import {
  CHANGE_WRITES,
  CHANGES,
  CHECK_READS,
  CHECK_WRITES,
  CONNECTION_BYTES,
  ENVIRONMENTS,
  EVENT_USD,
  FUNCTION_GB,
  KEYRING_MINUTES,
  KEYRINGS,
  MESSAGE_LOG_BYTES,
  OTHER_BYTES,
  PROVIDERS,
  REFRESHES,
  ROTATION_DAYS,
  SEALED_VERSION_WRITES,
  SLOT_READS,
  STAGE,
} from './usage.ts';

/** A platform whose connections are all checked at one cadence, with one store. */
export interface Situation {
  readonly store: CredentialStoreName;
  readonly connections: number;
  readonly cadence: Cadence;
}

/** The parts of a bill. */
export const PARTS = [
  'secrets',
  'reading credentials',
  'table: requests of checks',
  'table: storage and backup',
  'functions and queue',
  'traces and logs of checks',
  'changes and their events',
  'the stage itself',
] as const;
type Part = (typeof PARTS)[number];

/** USD a month. */
export type Bill = Readonly<Record<Part, number>>;

const GB = 2 ** 30;
const MONTH_DAYS = MONTH_MINUTES / 1_440;

function cost(units: number, price: PriceName): number {
  return units * PRICES[price].usd;
}

/** Returns the bill of a situation: everything except requests of users and of the engine. */
export function billOf({ store, connections, cadence }: Situation): Bill {
  const month = monthOfChecks(connections, cadence);
  const isSealed = store === 'sealed';
  return {
    secrets: isSealed ? 0 : cost(connections, 'secret'),
    'reading credentials': isSealed
      ? keyringReads()
      : cost(month.checks, 'secretCall') + cost(month.checks, 'keyCall'),
    'table: requests of checks': tableRequests(month, store, connections),
    'table: storage and backup': storage(connections, store),
    'functions and queue': functionsAndQueue(month),
    'traces and logs of checks':
      cost(month.traces, 'trace') + cost((month.messages * MESSAGE_LOG_BYTES) / GB, 'logGigabyte'),
    'changes and their events': connections * CHANGES * (cost(CHANGE_WRITES, 'writeUnit') + EVENT_USD),
    'the stage itself': stage().reduce((sum, { usd }) => sum + usd, 0) + cost(PROVIDERS, 'metric'),
  };
}

/** Returns the sum of a bill. */
export function totalOf(bill: Bill): number {
  return PARTS.reduce((sum, part) => sum + bill[part], 0);
}

function keyringReads(): number {
  const reads = (ENVIRONMENTS * MONTH_MINUTES) / KEYRING_MINUTES;
  return cost(reads, 'secretCall') + cost(reads, 'keyCall');
}

function tableRequests(
  { checks, takes }: MonthOfChecks,
  store: CredentialStoreName,
  connections: number,
): number {
  const resealed = store === 'sealed' ? (connections * MONTH_DAYS) / ROTATION_DAYS : 0;
  return (
    cost(checks * CHECK_WRITES + takes + resealed, 'writeUnit') +
    cost(checks * (CHECK_READS[store] + SLOT_READS) + takes, 'readUnit')
  );
}

function storage(connections: number, store: CredentialStoreName): number {
  const { lastCheck, history, sealedCredentials } = OTHER_BYTES;
  const items =
    CONNECTION_BYTES.item + lastCheck + history * CHANGES + (store === 'sealed' ? sealedCredentials : 0);
  // A backup holds the items, not the indexes.
  return (
    cost((connections * (items + CONNECTION_BYTES.indexes)) / GB, 'storage') +
    cost((connections * items) / GB, 'recovery')
  );
}

function functionsAndQueue({ invocations, seconds, queueRequests }: MonthOfChecks): number {
  return (
    cost(invocations, 'invocation') +
    cost(seconds * FUNCTION_GB, 'gbSecond') +
    cost(queueRequests, 'queueRequest')
  );
}

/** Returns what a stage without users and connections costs a month. */
export function stage(): readonly { readonly item: string; readonly usd: number }[] {
  const runs = STAGE.schedules * MONTH_MINUTES;
  const polls = STAGE.pollers * MONTH_MINUTES * (60 / STAGE.pollSeconds);
  return [
    { item: 'three keys', usd: cost(STAGE.keys, 'key') },
    {
      item: "alarms: a metric for each function's errors and throttles, 14 for the table, 20 others: 92",
      usd: cost(STAGE.alarms, 'alarm'),
    },
    {
      item: 'dashboard (none for the first three of an account)',
      usd: cost(STAGE.dashboards, 'dashboard'),
    },
    {
      item: 'schedules, four each minute: 175,200 × (0.1 s × 0.5 GB, a few empty queries, 1 KB of logs)',
      usd:
        cost(runs * STAGE.scheduleSeconds * FUNCTION_GB, 'gbSecond') +
        cost(runs, 'invocation') +
        cost(runs * STAGE.scheduleReads, 'readUnit') +
        cost((runs * MESSAGE_LOG_BYTES) / GB, 'logGigabyte'),
    },
    { item: 'three custom metrics, of the scheduler and the worker', usd: cost(STAGE.metrics, 'metric') },
    { item: 'X-Ray of the schedules: 175,200 traces', usd: cost(runs, 'trace') },
    {
      item: 'Lambda polling the checks queue: five at a time, each 20 seconds',
      usd: cost(polls, 'queueRequest'),
    },
    { item: 'two keyrings, a secret each', usd: cost(KEYRINGS, 'secret') },
  ];
}

/** Returns USD of one refresh of an access token, without the provider's time. */
export function refreshCost(kind: keyof typeof REFRESHES, store: CredentialStoreName): number {
  const { writes, reads, secretCalls, keyCalls } = REFRESHES[kind];
  const table = cost(writes, 'writeUnit') + cost(reads, 'readUnit');
  if (store === 'secret-per-connection') {
    return table + cost(secretCalls, 'secretCall') + cost(keyCalls, 'keyCall');
  }
  return table + (kind === 'replaced' ? cost(SEALED_VERSION_WRITES, 'writeUnit') : cost(1, 'readUnit'));
}
