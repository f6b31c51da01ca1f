import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { resourceName } from '../naming.ts';

import type { MonitoredResources, StageMetrics } from './metrics.ts';
import type { ServiceAlarm } from './service-alarm.ts';

interface OverviewDashboardProps {
  readonly resources: MonitoredResources;
  readonly metrics: StageMetrics;
  readonly alarms: readonly ServiceAlarm[];
}

/** Dashboard of a stage: alarms, requests, functions, checks, background functions and the table. */
export class OverviewDashboard extends Dashboard {
  constructor(scope: Construct, id: string, { resources, metrics, alarms }: OverviewDashboardProps) {
    super(scope, id, { dashboardName: resourceName(resources.settings, 'overview') });
    this.addWidgets(new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24, height: 6 }));
    this.addWidgets(...requestGraphs(metrics));
    this.addWidgets(...functionGraphs(resources, metrics));
    this.addWidgets(...checkGraphs(metrics));
    this.addWidgets(...outcomeGraphs(metrics));
    this.addWidgets(...oauthGraphs(metrics));
    this.addWidgets(...backgroundGraphs(resources, metrics));
    this.addWidgets(...tableGraphs(metrics));
  }
}

const THIRD = 8;
const QUARTER = 6;

function graph(title: string, metrics: readonly IMetric[], width = THIRD): IWidget {
  return new GraphWidget({ title, left: [...metrics], width, height: 6 });
}

function requestGraphs({ requests }: StageMetrics): readonly IWidget[] {
  return [
    graph('Requests', [requests.requests, requests.clientErrors, requests.serverErrors]),
    graph('Failed requests (%)', [requests.serverErrorPercent]),
    graph('Latency of requests, 99th percentile (ms)', [requests.latency]),
  ];
}

function functionGraphs({ functions }: MonitoredResources, { functionThrottles }: StageMetrics) {
  const durations = functions.map((fn) => fn.metricDuration({ statistic: 'p99', label: fn.shortName }));
  const errors = functions.map((fn) => fn.metricErrors({ label: fn.shortName }));
  return [
    graph('Duration of functions, 99th percentile (ms)', durations),
    graph('Errors of functions', errors),
    graph('Throttled invocations', functionThrottles),
  ];
}

function checkGraphs({ checks }: StageMetrics): readonly IWidget[] {
  return [
    graph('Delay of checks after their scheduled time (s)', [checks.secondsLate], QUARTER),
    graph('Age of the oldest batch of checks that waits (s)', [checks.oldestMessageAge], QUARTER),
    graph('Batches of checks that wait', [checks.waitingMessages], QUARTER),
    graph('Minutes of checks that a run enqueued', [checks.minutesEnqueued], QUARTER),
  ];
}

function outcomeGraphs({ checks }: StageMetrics): readonly IWidget[] {
  return checks.outcomes.map(({ outcome, metric }) =>
    graph(`Checks by provider: ${outcome}`, [metric], QUARTER),
  );
}

function oauthGraphs({ oauth }: StageMetrics): readonly IWidget[] {
  return [
    ...oauth.outcomes.map(({ outcome, metric }) =>
      graph(`Token requests by provider: ${outcome}`, [metric], QUARTER),
    ),
    graph('Refused OAuth clients', [oauth.clientsRefused]),
    graph('Grants not revoked, by provider', [oauth.notRevoked]),
    graph('Broken seals', [oauth.sealsBroken]),
    graph('Interrupted operations, and announced ends', [oauth.interrupted, oauth.ending]),
  ];
}

function backgroundGraphs(
  { deadLetterQueues, streamFunctions }: MonitoredResources,
  { deliveries: { failedNotices, failedWebhookCalls } }: StageMetrics,
) {
  const failures = [failedNotices, failedWebhookCalls].filter((metric) => metric !== undefined);
  const deadLetters = deadLetterQueues.map(({ name: label, queue }) =>
    queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', label }),
  );
  const streamLags = streamFunctions.map(({ function: fn }) =>
    fn.metric('IteratorAge', { statistic: 'Maximum', label: fn.shortName }),
  );
  return [
    graph('Dead letters', deadLetters),
    graph('Lag of stream workers (ms)', streamLags),
    ...(failures.length > 0 ? [graph('Failed notices and webhook calls', failures)] : []),
  ];
}

/**
 * Returns two graphs: both metrics label their series by operation, and one graph cannot hold a label twice.
 */
function tableGraphs({ table }: StageMetrics): readonly IWidget[] {
  return [
    graph('Requests throttled by the table', [table.throttles]),
    graph('Errors of the table', [table.errors]),
  ];
}
