import { describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import type { Verification } from '../../shared/domain/credentials/verification.ts';
import { countChecks, countDelay, countEnqueued, countSuperseded } from '../../shared/runtime/metrics.ts';
import { findResources, synthesizeStage } from './synthesized.ts';

/** A metric, as CloudWatch knows it: by namespace, name and the names of its dimensions. */
interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly string[];
  /** What it is told apart by, where that is looked at. */
  readonly outcome?: string | undefined;
}

/** Every outcome: a new one does not compile until it is counted here. */
const OUTCOMES: Readonly<Record<Verification['outcome'], number>> = {
  ok: 4,
  rejected: 3,
  rate_limited: 2,
  unavailable: 1,
};

/** A log line from which CloudWatch takes metrics. */
const line = z.object({
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
});

function countAll(): void {
  countChecks('trello', OUTCOMES);
  countChecks('slack', { ok: 1, unavailable: 2 });
  countDelay(1);
  countEnqueued(1, 1);
  countSuperseded(1);
}

/** What is counted, by the lines that are written. */
function counted(count: () => void): readonly Metric[] {
  const lines: string[] = [];
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    lines.push(String(chunk));
    return true;
  });
  count();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  return lines
    .map((text) => line.parse(JSON.parse(text)))
    .flatMap(({ _aws: { CloudWatchMetrics }, outcome }) =>
      CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
        Metrics.flatMap(({ Name: name }) =>
          Dimensions.map((dimensions) => ({
            namespace,
            name,
            dimensions: dimensions.toSorted(),
            ...(outcome !== undefined && { outcome }),
          })),
        ),
      ),
    );
}

const { operations } = synthesizeStage();
const watched = [
  ...findResources(operations, 'AWS::CloudWatch::Alarm'),
  ...findResources(operations, 'AWS::CloudWatch::Dashboard'),
];

/** The same text for what an alarm and what a dashboard, JSON within JSON, asks for. */
const questions = JSON.stringify(watched).replaceAll('\\', '');

const QUERY =
  /SELECT \w+\((?<name>\w+)\) FROM (?<namespace>\w+) WHERE (?<first>\w+) = '[^']+'(?: AND (?<second>\w+) = '(?<outcome>[^']+)')? GROUP BY (?<group>\w+)/g;
const ON_A_GRAPH = /\["(?<namespace>Connections)","(?<name>\w+)","(?<dimension>\w+)","[^"]+"/g;

const ofAlarm = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string() })),
});

/** What alarms and dashboard ask for of what functions count. */
function asked(): readonly Metric[] {
  const queries = [...questions.matchAll(QUERY)].map(({ groups = {} }) => {
    const { namespace = '', name = '', first = '', second, group = '', outcome } = groups;
    const dimensions = [first, second ?? [], group].flat().toSorted();
    return { namespace, name, dimensions, ...(outcome !== undefined && { outcome }) };
  });
  const graphs = [...questions.matchAll(ON_A_GRAPH)].map(({ groups = {} }) => {
    const { namespace = '', name = '', dimension = '' } = groups;
    return { namespace, name, dimensions: [dimension] };
  });
  const alarms = watched
    .map(({ Properties }) => ofAlarm.safeParse(Properties))
    .flatMap(({ data }) => (data?.Namespace === 'Connections' ? [data] : []))
    .map(({ Namespace: namespace, MetricName: name, Dimensions }) => ({
      ...{ namespace, name, dimensions: Dimensions.map(({ Name }) => Name).toSorted() },
    }));
  return [...queries, ...graphs, ...alarms];
}

test('a provider of which few checks of many get no answer is in no trouble', () => {
  const inVain = (outcomes: Readonly<Record<string, number>>) =>
    counted(() => countChecks('trello', outcomes)).some(({ name }) => name === 'ChecksInVain');
  expect(inVain({ ok: 48, unavailable: 2 })).toBe(false);
  expect(inVain({ ok: 1, unavailable: 1 })).toBe(false);
  expect(inVain({ ok: 1, rejected: 1, unavailable: 3 })).toBe(true);
  expect(inVain({ unavailable: 1 })).toBe(true);
});

describe('what alarms and dashboard look at', () => {
  test('is what functions count, under the same names', () => {
    const known = counted(countAll);
    expect(asked()).not.toEqual([]);
    for (const metric of asked()) expect(known).toContainEqual(metric);
  });

  test('is each count there is, and each outcome of a check', () => {
    const names = (metrics: readonly Metric[]) =>
      new Set(metrics.map(({ name, outcome }) => [name, outcome].join(' ')));
    const seen = names(asked());
    // Those numbers are watched which say whether it keeps up; these say with how much, and how much it missed.
    const unwatched = ['ChecksEnqueued ', 'ChecksSuperseded '];
    expect([...names(counted(countAll))].filter((name) => !seen.has(name))).toEqual(unwatched);
  });
});
