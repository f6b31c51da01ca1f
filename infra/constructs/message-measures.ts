import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { serviceName } from '../naming.ts';
import type { Settings } from '../settings.ts';
import type { MessagesStack } from '../stacks/messages.ts';

/** Where functions put what they count themselves (shared/runtime/metrics.ts). */
const NAMESPACE = 'Connections';

/** What becomes of a check, as it is counted; `unavailable` is everything that is not the provider's own word. */
const OUTCOMES = ['ok', 'rejected', 'rate_limited', 'unavailable'] as const;

/** Long enough for the providers that are checked but once in six hours to come by a few times. */
const HALF_HOUR = Duration.minutes(30);

/** What is measured of checks, events and what they are told by, for alarms and dashboard alike. */
export class MessageMeasures {
  /** How long the batch of checks that waits longest has waited, in seconds. */
  readonly checksWait: IMetric;
  readonly checksWaiting: IMetric;
  /** How long after its turn the latest batch of checks was taken up, in seconds. */
  readonly checksLate: IMetric;
  /** How many minutes of checks one run of the scheduler enqueued: 1 as long as it keeps up. */
  readonly minutesEnqueued: IMetric;
  /** A line for each provider of which, in that half hour, most of a batch of checks got no answer. */
  readonly unavailable: IMetric;
  /** Each outcome, with a line for each provider. */
  readonly outcomes: readonly { readonly outcome: string; readonly metric: IMetric }[];
  /** Notices that SNS could not deliver to somebody. */
  readonly noticesFailed: IMetric | undefined;
  /** Requests that the webhook's address refused, and those that were sent to it again. */
  readonly webhookFailed: IMetric | undefined;

  constructor(settings: Settings, { checks, events, notices, webhook }: MessagesStack) {
    const service = serviceName(settings);
    this.checksWait = checks.queue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM });
    this.checksWaiting = checks.queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM });
    const largest = (metricName: string) =>
      new Metric({
        namespace: NAMESPACE,
        metricName,
        dimensionsMap: { service },
        statistic: Stats.MAXIMUM,
      });
    this.checksLate = largest('SecondsLate');
    this.minutesEnqueued = largest('MinutesEnqueued');
    this.outcomes = OUTCOMES.map((outcome) => ({ outcome, metric: byProvider('Checks', service, outcome) }));
    this.unavailable = byProvider('ChecksInVain', service);
    this.noticesFailed = notices?.metricNumberOfNotificationsFailed();
    this.webhookFailed = webhook && failures(events.bus.eventBusName, webhook.ruleName);
  }
}

/**
 * Metrics Insights, since an alarm takes no search: each provider that has such checks is a line, and one of its
 * own to the alarm, without anybody listing providers here.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Metrics_Insights_Alarm.html
 */
function byProvider(count: string, service: string, outcome?: string): IMetric {
  const which = [`service = '${service}'`, ...(outcome ? [`outcome = '${outcome}'`] : [])].join(' AND ');
  return new MathExpression({
    expression: `SELECT SUM(${count}) FROM ${NAMESPACE} WHERE ${which} GROUP BY provider ORDER BY SUM() DESC`,
    usingMetrics: {},
    period: HALF_HOUR,
    ...(outcome && { label: outcome }),
  });
}

/** Metric math takes what is missing for 0; `FILL` would keep an alarm from ever seeing the latest period. */
function failures(EventBusName: string, RuleName: string): IMetric {
  const of = (metricName: string) =>
    new Metric({
      namespace: 'AWS/Events',
      metricName,
      dimensionsMap: { EventBusName, RuleName },
      statistic: Stats.SUM,
    });
  return new MathExpression({
    expression: 'refused + repeated',
    usingMetrics: { refused: of('FailedInvocations'), repeated: of('RetryInvocationAttempts') },
    label: 'Refused or repeated',
  });
}
