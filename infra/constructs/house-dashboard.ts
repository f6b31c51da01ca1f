import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { resourceName } from '../naming.ts';
import type { Settings } from '../settings.ts';
import type { ApiStack } from '../stacks/api.ts';
import type { NamedQueue } from './dead-letter-queue.ts';
import type { HouseAlarm } from './house-alarm.ts';
import type { Measures } from './measures.ts';
import type { MessageMeasures } from './message-measures.ts';

export interface HouseDashboardProps {
  readonly settings: Settings;
  readonly alarms: readonly HouseAlarm[];
  readonly api: ApiStack;
  readonly deadLetters: readonly NamedQueue[];
  readonly measures: Measures;
  readonly messageMeasures: MessageMeasures;
}

/** The state of a stage on one page: alarms first, then requests, functions, checks, background work and the table. */
export class HouseDashboard extends Dashboard {
  constructor(scope: Construct, id: string, props: HouseDashboardProps) {
    const { settings, alarms, api, deadLetters, measures, messageMeasures } = props;
    super(scope, id, { dashboardName: resourceName(settings, 'overview') });
    this.addWidgets(new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24, height: 6 }));
    this.addWidgets(...requests(measures));
    this.addWidgets(...functions(api, measures));
    this.addWidgets(...checks(messageMeasures));
    this.addWidgets(...outcomes(messageMeasures));
    this.addWidgets(...background(api, deadLetters, messageMeasures));
    this.addWidgets(...table(measures));
  }
}

function graph(title: string, left: readonly IMetric[], width = 8): IWidget {
  return new GraphWidget({ title, left: [...left], width, height: 6 });
}

function requests({ requests, clientErrors, serverErrors, serverErrorPercent, latency }: Measures) {
  return [
    graph('Requests', [requests, clientErrors, serverErrors]),
    graph('Requests that fail, in percent', [serverErrorPercent]),
    graph('Slowest hundredth of requests, in ms', [latency]),
  ];
}

function functions({ functions }: ApiStack, { throttles }: Measures) {
  return [
    graph(
      'Duration, 99th percentile, in ms',
      functions.map((by) => by.metricDuration({ statistic: 'p99', label: by.title })),
    ),
    graph(
      'Errors',
      functions.map((by) => by.metricErrors({ label: by.title })),
    ),
    graph('Throttled invocations', throttles),
  ];
}

function checks({ checksLate, checksWait, checksWaiting, minutesEnqueued }: MessageMeasures) {
  return [
    graph('Oldest unchecked connection: behind its turn, in s', [checksLate], 6),
    graph('Oldest batch of checks that waits, in s', [checksWait], 6),
    graph('Batches of checks that wait', [checksWaiting], 6),
    graph('Minutes of checks that a run enqueued', [minutesEnqueued], 6),
  ];
}

function outcomes({ outcomes }: MessageMeasures) {
  return outcomes.map(({ outcome, metric }) => graph(`Checks by provider: ${outcome}`, [metric], 6));
}

function background(
  { streaming }: ApiStack,
  deadLetters: readonly NamedQueue[],
  { noticesFailed, webhookFailed }: MessageMeasures,
) {
  const failed = [noticesFailed ?? [], webhookFailed ?? []].flat();
  return [
    graph(
      'Dead letters',
      deadLetters.map(({ name: label, queue }) =>
        queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', label }),
      ),
    ),
    graph(
      'Lag of events and of the stream, in ms',
      streaming.map(({ function: by }) =>
        by.metric('IteratorAge', { statistic: 'Maximum', label: by.title }),
      ),
    ),
    ...(failed.length > 0 ? [graph('Notices and webhook that fail', failed)] : []),
  ];
}

/** Two graphs: both tell the operations apart by the same names, of which one graph takes each once. */
function table({ tableThrottles, tableErrors }: Measures) {
  return [graph('Throttled by the table', [tableThrottles]), graph('Failed by the table', [tableErrors])];
}
