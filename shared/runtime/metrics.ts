import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRIC_NAMES, METRICS_NAMESPACE } from '../domain/terms.ts';
import { lazy } from './lazy.ts';

const metrics = lazy(() => new Metrics({ namespace: METRICS_NAMESPACE }));

/**
 * Counts the checks of a batch by provider and outcome. When most of them had no response, those are counted a second
 * time, because that is the provider's failure at any size of the batch.
 */
export function countChecks(provider: string, outcomes: Readonly<Record<string, number>>): void {
  for (const [outcome, count] of Object.entries(outcomes)) {
    countWithDimensions(METRIC_NAMES.checks, count, { provider, outcome });
  }
  const { unavailable = 0, ...others } = outcomes;
  const responded = Object.values(others).reduce((sum, count) => sum + count, 0);
  if (unavailable > responded) {
    countWithDimensions(METRIC_NAMES.checksWithoutResponse, unavailable, { provider });
  }
}

/** Records the seconds between a batch's scheduled time and its start. */
export function recordDelay(secondsLate: number): void {
  metrics().addMetric(METRIC_NAMES.secondsLate, MetricUnit.Seconds, secondsLate);
  metrics().publishStoredMetrics();
}

/** Counts checks that were dropped because the next scheduled check was due. */
export function countSuperseded(checks: number): void {
  if (checks === 0) return;
  metrics().addMetric(METRIC_NAMES.checksSuperseded, MetricUnit.Count, checks);
  metrics().publishStoredMetrics();
}

/** Counts what one run of the scheduler enqueued. `minutes` is 1 when it keeps up. */
export function countEnqueued(minutes: number, checks: number): void {
  metrics().addMetric(METRIC_NAMES.minutesEnqueued, MetricUnit.Count, minutes);
  metrics().addMetric(METRIC_NAMES.checksEnqueued, MetricUnit.Count, checks);
  metrics().publishStoredMetrics();
}

function countWithDimensions(
  name: string,
  count: number,
  dimensions: Readonly<Record<string, string>>,
): void {
  const metric = metrics().singleMetric();
  metric.addDimensions({ ...dimensions });
  metric.addMetric(name, MetricUnit.Count, count);
}
