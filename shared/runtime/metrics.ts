import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { lazy } from './lazy.ts';

const NAMESPACE = 'Connections';

const metrics = lazy(() => new Metrics({ namespace: NAMESPACE }));

/** Counts checks by their outcome, for each provider: what alarms on a provider's trouble look at. */
export function countChecks(provider: string, outcomes: Readonly<Record<string, number>>): void {
  for (const [outcome, count] of Object.entries(outcomes)) {
    const metric = metrics().singleMetric();
    metric.addDimensions({ provider, outcome });
    metric.addMetric('Checks', MetricUnit.Count, count);
  }
}

/** How long after its turn a batch of checks was taken up: the age of the oldest check that is still to be made. */
export function countDelay(secondsLate: number): void {
  metrics().addMetric('SecondsLate', MetricUnit.Seconds, secondsLate);
  metrics().publishStoredMetrics();
}

/** How many minutes of checks a run of the scheduler enqueued: 1 when it keeps up. */
export function countEnqueued(minutes: number, checks: number): void {
  metrics().addMetric('MinutesEnqueued', MetricUnit.Count, minutes);
  metrics().addMetric('ChecksEnqueued', MetricUnit.Count, checks);
  metrics().publishStoredMetrics();
}
