import { describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { catalog } from '../../shared/catalog/index.ts';
import type { OAuthProvider, TokenResult } from '../../shared/domain/credentials/oauth.ts';
import { IntegrityError } from '../../shared/domain/credentials/sealer.ts';
import type { EventBus } from '../../shared/domain/events/relay.ts';
import {
  CHECK_OUTCOMES,
  DEACTIVATION_REASONS,
  type HistoryReason,
  NOTICE_KINDS,
  type Status,
  TOKEN_OUTCOMES,
} from '../../shared/domain/terms.ts';
import type { ConnectionEvent } from '../../shared/messages/connection-event.ts';
import {
  countChecks,
  countEnqueued,
  countFailedRevocation,
  countItems,
  countNotice,
  countSuperseded,
  recordDelay,
  withSealMetrics,
  withStatusMetrics,
  withTokenMetrics,
} from '../../shared/runtime/metrics.ts';
import { findResources, synthesizeStage } from './synthesized.ts';

/** Identity of a metric in CloudWatch: namespace, name and names of its dimensions. */
interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly string[];
  /** Value of the dimension `outcome` or `reason`, if the metric has it. */
  readonly value?: string | undefined;
}

/** Log line in CloudWatch's embedded metric format. */
const metricLine = z.object({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
  outcome: z.string().optional(),
  reason: z.string().optional(),
});

const RESULTS: Readonly<Record<(typeof TOKEN_OUTCOMES)[number], TokenResult>> = {
  ok: {
    outcome: 'ok',
    tokens: {
      ...{ accessToken: 'made-up', tokenType: 'Bearer', refreshToken: undefined, scopes: null, kept: {} },
      ...{ expiresInSeconds: null, refreshTokenSeconds: null },
    },
  },
  rejected: { outcome: 'rejected' },
  misconfigured: { outcome: 'misconfigured', error: 'invalid_client' },
  unavailable: { outcome: 'unavailable', retryAfterSeconds: 1 },
};

async function emitTokenRequests(): Promise<void> {
  const provider = catalog.get('google-calendar');
  if (!provider) throw new Error('The catalog has no Google Calendar.');
  const party = { provider, client: { clientId: 'platform', clientSecret: 'made-up' }, fields: {} };
  for (const outcome of TOKEN_OUTCOMES) {
    const caller: OAuthProvider = {
      exchangeCode: async () => RESULTS[outcome],
      renew: async () => RESULTS[outcome],
      revoke: async () => true,
    };
    expect(await withTokenMetrics(caller).renew(party)).toBe(RESULTS[outcome]);
  }
}

async function readBrokenSeal(): Promise<void> {
  const refused = () => Promise.reject(new IntegrityError('The sealed text was altered.'));
  const reader = withSealMetrics({ read: refused, readIfKept: refused });
  const version = { projectId: 'demo', connectionId: 'con_1', store: 'sealed', version: 'v' } as const;
  await reader.read(version).catch(() => undefined);
}

/** A status change of a Trello connection. */
function statusChange(from: Status, to: Status, reason?: HistoryReason): ConnectionEvent {
  return {
    ...{ eventId: 'event', projectId: 'demo', connectionId: 'con_1', provider: 'trello', name: 'Board' },
    ...{ type: 'status_changed', at: '2026-03-03T14:05:59.000Z', actor: { type: 'system' } },
    ...{ from: { status: from }, to: { status: to }, ...(reason && { reason }) },
  };
}

/** Publishes events on a bus that fails those with the given indexes. */
function publishEvents(events: readonly ConnectionEvent[], failed: readonly number[] = []) {
  const bus: EventBus = { publish: async () => failed.map((index) => ({ index, error: 'out of reach' })) };
  return withStatusMetrics(bus).publish(events);
}

async function emitAll(): Promise<void> {
  await publishEvents([
    statusChange('inactive', 'active'),
    ...DEACTIVATION_REASONS.map((reason) => statusChange('active', 'inactive', reason)),
  ]);
  for (const kind of NOTICE_KINDS) countNotice(kind);
  await emitTokenRequests();
  await readBrokenSeal();
  countFailedRevocation('slack-oauth', 'revoked');
  countFailedRevocation('slack-oauth', 'given_up');
  countItems('sweep-orphans', 1);
  countItems('sweep-orphans', 0);
  countChecks('trello', Object.fromEntries(CHECK_OUTCOMES.map((outcome) => [outcome, 1])));
  countChecks('slack', { ok: 1, unavailable: 2 });
  recordDelay(1);
  countEnqueued(1, 1);
  countSuperseded(1);
}

/** Returns the metrics that an action writes to stdout. */
async function emittedMetrics(act: () => unknown): Promise<readonly Metric[]> {
  const lines: string[] = [];
  vi.stubEnv('AWS_LAMBDA_LOG_LEVEL', 'INFO');
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    lines.push(String(chunk));
    return true;
  });
  await act();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  return lines
    .map((text) => metricLine.parse(JSON.parse(text)))
    .flatMap(({ _aws: { CloudWatchMetrics }, outcome, reason: value = outcome }) =>
      CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
        Metrics.flatMap(({ Name: name }) =>
          Dimensions.map((dimensions) => ({
            namespace,
            name,
            dimensions: dimensions.toSorted(),
            ...(value !== undefined && { value }),
          })),
        ),
      ),
    );
}

const { operations } = synthesizeStage();
const monitoring = [
  ...findResources(operations, 'AWS::CloudWatch::Alarm'),
  ...findResources(operations, 'AWS::CloudWatch::Dashboard'),
];

/** Alarms and dashboard as one text. The dashboard's body is JSON within JSON, so backslashes are removed. */
const monitoringText = JSON.stringify(monitoring).replaceAll('\\', '');

const INSIGHTS_QUERY =
  /SELECT \w+\((?<name>\w+)\) FROM (?<namespace>\w+) WHERE (?<first>\w+) = '[^']+'(?: AND (?<second>\w+) = '(?<value>[^']+)')? GROUP BY (?<group>\w+)/g;
const GRAPH_METRIC = /\["(?<namespace>Connections)","(?<name>\w+)","(?<dimension>\w+)","[^"]+"/g;

const alarmMetric = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string() })),
});

/** Returns the custom metrics that alarms and dashboard use. */
function monitoredMetrics(): readonly Metric[] {
  const queries = [...monitoringText.matchAll(INSIGHTS_QUERY)].map(({ groups = {} }) => {
    const { namespace = '', name = '', first = '', second, group = '', value } = groups;
    const dimensions = [...new Set([first, second ?? [], group].flat())].toSorted();
    return { namespace, name, dimensions, ...(['outcome', 'reason'].includes(second ?? '') && { value }) };
  });
  const graphs = [...monitoringText.matchAll(GRAPH_METRIC)].map(({ groups = {} }) => {
    const { namespace = '', name = '', dimension = '' } = groups;
    return { namespace, name, dimensions: [dimension] };
  });
  const alarms = monitoring
    .map(({ Properties }) => alarmMetric.safeParse(Properties))
    .flatMap(({ data }) => (data?.Namespace === 'Connections' ? [data] : []))
    .map(({ Namespace: namespace, MetricName: name, Dimensions }) => ({
      ...{ namespace, name, dimensions: Dimensions.map(({ Name }) => Name).toSorted() },
    }));
  return [...queries, ...graphs, ...alarms];
}

test('checks without a response are counted only in a batch where most had none', async () => {
  const isCounted = async (outcomes: Readonly<Record<string, number>>) => {
    const emitted = await emittedMetrics(() => countChecks('trello', outcomes));
    return emitted.some(({ name }) => name === 'ChecksWithoutResponse');
  };
  expect(await isCounted({ ok: 48, unavailable: 2 })).toBe(false);
  expect(await isCounted({ ok: 1, unavailable: 1 })).toBe(false);
  expect(await isCounted({ ok: 1, rejected: 1, unavailable: 3 })).toBe(true);
  expect(await isCounted({ unavailable: 1 })).toBe(true);
});

describe('status changes', () => {
  const namesOf = async (events: readonly ConnectionEvent[], failed?: readonly number[]) =>
    (await emittedMetrics(() => publishEvents(events, failed))).map(({ name }) => name);

  test('are counted between active and inactive, not between two reasons', async () => {
    expect(await namesOf([statusChange('active', 'inactive', 'access_revoked')])).toEqual(['Deactivations']);
    expect(await namesOf([statusChange('inactive', 'active')])).toEqual(['Reactivations']);
    expect(await namesOf([statusChange('inactive', 'inactive', 'access_changed')])).toEqual([]);
  });

  test('are counted once, when the stream hands over the first failed one and those after it again', async () => {
    const events = [
      statusChange('active', 'inactive', 'access_revoked'),
      statusChange('inactive', 'active'),
      statusChange('active', 'inactive', 'access_revoked'),
    ];
    expect(await namesOf(events, [1])).toEqual(['Deactivations']);
    expect(await namesOf(events.slice(1))).toEqual(['Reactivations', 'Deactivations']);
  });
});

describe('alarms and dashboard', () => {
  test('use metrics that functions emit, with the same dimensions', async () => {
    const emitted = await emittedMetrics(emitAll);
    expect(monitoredMetrics()).not.toEqual([]);
    for (const metric of monitoredMetrics()) expect(emitted).toContainEqual(metric);
  });

  test('use every emitted metric but two, and every outcome of checks', async () => {
    const names = (metrics: readonly Metric[]) =>
      new Set(metrics.map(({ name, value }) => [name, value].join(' ')));
    const used = names(monitoredMetrics());
    // These give the volume of checks; other metrics show whether the scheduler and the worker keep up.
    const unused = ['ChecksEnqueued ', 'ChecksSuperseded '];
    expect([...names(await emittedMetrics(emitAll))].filter((name) => !used.has(name))).toEqual(unused);
  });
});
