import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  TextWidget,
  TextWidgetBackground,
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

/** Dashboard of a stage, in groups of graphs that each begin with the question that they answer. */
export class OverviewDashboard extends Dashboard {
  constructor(scope: Construct, id: string, { resources, metrics, alarms }: OverviewDashboardProps) {
    super(scope, id, { dashboardName: resourceName(resources.settings, 'overview') });
    this.addWidgets(new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24, height: 6 }));
    for (const { question, note, rows } of groups(resources, metrics)) {
      this.addWidgets(heading(question, note));
      for (const row of rows) this.addWidgets(...row);
    }
  }
}

/** Graphs that answer one question. */
interface Group {
  readonly question: string;
  /** Hint on reading the graphs. */
  readonly note: string;
  readonly rows: readonly (readonly IWidget[])[];
}

function groups(resources: MonitoredResources, metrics: StageMetrics): readonly Group[] {
  const notices = noticeGraphs(metrics);
  return [
    {
      question: 'How many connections stop working, and why?',
      note: 'Changes in each half hour, not how many are inactive now: `GET /v1/projects/{projectId}/connections` counts those of a project. A connection that was disconnected while inactive is not counted again.',
      rows: [
        deactivationGraphs(metrics),
        [graph('Reactivations by provider', [metrics.connections.reactivations], 24)],
      ],
    },
    {
      question: 'How late are checks, and what do providers respond?',
      note: 'Only `ok` and `rejected` say anything about credentials.',
      rows: [checkGraphs(metrics), outcomeGraphs(metrics)],
    },
    {
      question: 'Are access tokens refreshed?',
      note: 'A rejected refresh turns a connection inactive; `misconfigured` is the refusal of an OAuth client of the platform.',
      rows: [tokenGraphs(metrics), oauthGraphs(metrics)],
    },
    ...(notices.length === 0
      ? []
      : [
          {
            question: 'What do notices say, and do notices and webhook calls arrive?',
            note: 'A message holds one notice, or those of a project that came within a few minutes.',
            rows: [notices],
          },
        ]),
    {
      question: 'Do requests succeed, and how long do they take?',
      note: 'All routes together. The access log has a line for each request.',
      rows: [requestGraphs(metrics)],
    },
    {
      question: 'Do functions and the table keep up?',
      note: 'A dead letter is a message, an event or a record that was given up.',
      rows: [functionGraphs(resources, metrics), [...backgroundGraphs(resources), ...tableGraphs(metrics)]],
    },
  ];
}

function heading(question: string, note: string): IWidget {
  return new TextWidget({
    markdown: `## ${question}\n${note}`,
    width: 24,
    height: 2,
    background: TextWidgetBackground.TRANSPARENT,
  });
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

function deactivationGraphs({ connections }: StageMetrics): readonly IWidget[] {
  return connections.deactivations.map(({ reason, metric }) =>
    graph(`Deactivations by provider: ${reason}`, [metric], QUARTER),
  );
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

function tokenGraphs({ oauth }: StageMetrics): readonly IWidget[] {
  return oauth.outcomes.map(({ outcome, metric }) =>
    graph(`Token requests by provider: ${outcome}`, [metric], QUARTER),
  );
}

function oauthGraphs({ oauth }: StageMetrics): readonly IWidget[] {
  return [
    graph('Refused OAuth clients', [oauth.clientsRefused], QUARTER),
    graph('Grants not revoked, by provider', [oauth.notRevoked], QUARTER),
    graph('Broken seals', [oauth.sealsBroken], QUARTER),
    graph('Interrupted operations, and announced ends', [oauth.interrupted, oauth.ending], QUARTER),
  ];
}

function noticeGraphs({
  deliveries: { notices, sentMessages, failedNotices, failedWebhookCalls },
}: StageMetrics): readonly IWidget[] {
  const failures = [failedNotices, failedWebhookCalls].filter((metric) => metric !== undefined);
  return [
    ...(notices ? [graph('Notices by kind', [notices])] : []),
    ...(sentMessages ? [graph('Messages with notices', [sentMessages])] : []),
    ...(failures.length > 0 ? [graph('Failed notices and webhook calls', failures)] : []),
  ];
}

function backgroundGraphs({ deadLetterQueues, streamFunctions }: MonitoredResources): readonly IWidget[] {
  const deadLetters = deadLetterQueues.map(({ name: label, queue }) =>
    queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', label }),
  );
  const streamLags = streamFunctions.map(({ function: fn }) =>
    fn.metric('IteratorAge', { statistic: 'Maximum', label: fn.shortName }),
  );
  return [
    graph('Dead letters', deadLetters, QUARTER),
    graph('Lag of stream workers (ms)', streamLags, QUARTER),
  ];
}

/**
 * Returns two graphs: both metrics label their series by operation, and one graph cannot hold a label twice.
 */
function tableGraphs({ table }: StageMetrics): readonly IWidget[] {
  return [
    graph('Requests throttled by the table', [table.throttles], QUARTER),
    graph('Errors of the table', [table.errors], QUARTER),
  ];
}
