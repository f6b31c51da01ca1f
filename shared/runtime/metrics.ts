import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { lazy } from './lazy.ts';

const NAMESPACE = 'Connections';

const metrics = lazy(() => new Metrics({ namespace: NAMESPACE }));

/**
 * Counts the checks of a batch by their outcome, for each provider. Where most had no answer, those are counted once
 * more: that is a provider's trouble, at any size, and a few of many are not.
 */
export function countChecks(provider: string, outcomes: Readonly<Record<string, number>>): void {
  for (const [outcome, count] of Object.entries(outcomes)) countFor('Checks', count, { provider, outcome });
  const { unavailable = 0, ...others } = outcomes;
  const answered = Object.values(others).reduce((sum, count) => sum + count, 0);
  if (unavailable > answered) countFor('ChecksInVain', unavailable, { provider });
}

/** How long after its turn a batch of checks was taken up: the age of the oldest check that is still to be made. */
export function countDelay(secondsLate: number): void {
  metrics().addMetric('SecondsLate', MetricUnit.Seconds, secondsLate);
  metrics().publishStoredMetrics();
}

/** How many checks were left to the next turn, which had come before they were made: what a turn missed. */
export function countSuperseded(checks: number): void {
  if (checks === 0) return;
  metrics().addMetric('ChecksSuperseded', MetricUnit.Count, checks);
  metrics().publishStoredMetrics();
}

/** How many minutes of checks a run of the scheduler enqueued: 1 when it keeps up. */
export function countEnqueued(minutes: number, checks: number): void {
  metrics().addMetric('MinutesEnqueued', MetricUnit.Count, minutes);
  metrics().addMetric('ChecksEnqueued', MetricUnit.Count, checks);
  metrics().publishStoredMetrics();
}

function countFor(name: string, count: number, dimensions: Readonly<Record<string, string>>): void {
  const metric = metrics().singleMetric();
  metric.addDimensions({ ...dimensions });
  metric.addMetric(name, MetricUnit.Count, count);
}
