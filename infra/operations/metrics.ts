import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type ITable, Operation, type Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  CHECK_OUTCOMES,
  DEACTIVATION_REASONS,
  METRIC_NAMES,
  METRICS_NAMESPACE,
  TOKEN_OUTCOMES,
} from '../../shared/domain/terms.ts';
import type { ScheduledFunction, StreamFunction } from '../constructs/background-functions.ts';
import type { NoticesTopic } from '../constructs/notices-topic.ts';
import type { NamedQueue } from '../constructs/queues.ts';
import type { ServiceFunction } from '../constructs/service-function.ts';
import { serviceName } from '../naming.ts';
import type { Settings } from '../settings.ts';

/** The most metrics that one alarm takes. */
const MAX_METRICS_PER_ALARM = 10;

/** Smallest divisor of the error rate: a single failed request counts as 5 % at most. */
const MIN_REQUESTS = 20;

/** Long enough for providers with a cadence of six hours to have several checks in it. */
const OUTCOME_PERIOD = Duration.minutes(30);

const TABLE_OPERATIONS = [
  Operation.BATCH_GET_ITEM,
  Operation.DELETE_ITEM,
  Operation.GET_ITEM,
  Operation.PUT_ITEM,
  Operation.QUERY,
  Operation.TRANSACT_WRITE_ITEMS,
  Operation.UPDATE_ITEM,
];

/** Resources of a stage that alarms and dashboard monitor. */
export interface MonitoredResources {
  readonly settings: Settings;
  readonly httpApi: HttpApi;
  readonly functions: readonly ServiceFunction[];
  readonly scheduledFunctions: readonly ScheduledFunction[];
  readonly streamFunctions: readonly StreamFunction[];
  readonly deadLetterQueues: readonly NamedQueue[];
  readonly table: Table | ITable;
  readonly checksQueue: Queue;
  /** Undefined in a stage whose settings have no `notices`. */
  readonly noticesTopic: NoticesTopic | undefined;
  /** Rule that feeds the webhook; undefined in a stage whose settings have no `webhook`. */
  readonly webhookRule: { readonly busName: string; readonly ruleName: string } | undefined;
}

/** Metrics that alarms and dashboard share. */
export type StageMetrics = ReturnType<typeof createMetrics>;

/** Defines the metrics of a stage, in groups. */
export function createMetrics(resources: MonitoredResources) {
  return {
    requests: requestMetrics(resources.httpApi),
    /** Throttled invocations of all functions, in as few sums as the limit of an alarm allows. */
    functionThrottles: throttleSums(resources.functions),
    connections: connectionMetrics(resources),
    checks: checkMetrics(resources),
    oauth: oauthMetrics(resources),
    deliveries: deliveryMetrics(resources),
    table: {
      throttles: resources.table.metricThrottledRequestsForOperations({ operations: TABLE_OPERATIONS }),
      errors: resources.table.metricSystemErrorsForOperations({ operations: TABLE_OPERATIONS }),
    },
  };
}

function requestMetrics(httpApi: HttpApi) {
  const requests = httpApi.metricCount({ statistic: Stats.SUM });
  const serverErrors = httpApi.metricServerError();
  return {
    requests,
    serverErrors,
    clientErrors: httpApi.metricClientError(),
    serverErrorPercent: new MathExpression({
      expression: `100 * errors / IF(requests > ${MIN_REQUESTS}, requests, ${MIN_REQUESTS})`,
      usingMetrics: { errors: serverErrors, requests },
      label: 'Failed requests (%)',
    }),
    /** 99th percentile, in milliseconds. */
    latency: httpApi.metricLatency({ statistic: Stats.p(99) }),
  };
}

function throttleSums(functions: readonly ServiceFunction[]): readonly IMetric[] {
  const metrics = functions.map((fn) => fn.metricThrottles());
  const starts = [...metrics.keys()].filter((index) => index % MAX_METRICS_PER_ALARM === 0);
  return starts.map((start, group) => {
    const summands = metrics
      .slice(start, start + MAX_METRICS_PER_ALARM)
      .map((metric, index) => [`m${group}x${index}`, metric] as const);
    return new MathExpression({
      expression: summands.map(([name]) => name).join(' + '),
      usingMetrics: Object.fromEntries(summands),
      label: 'Throttled invocations',
    });
  });
}

function connectionMetrics({ settings }: MonitoredResources) {
  const service = serviceName(settings);
  return {
    /** Connections that turned inactive, by reason, each with a series per provider. */
    deactivations: DEACTIVATION_REASONS.map((reason) => ({
      reason,
      metric: summedBy('provider', METRIC_NAMES.deactivations, service, { reason }),
    })),
    /** Connections that turned active again, with a series per provider. */
    reactivations: summedBy('provider', METRIC_NAMES.reactivations, service),
  };
}

function checkMetrics({ settings, checksQueue }: MonitoredResources) {
  const service = serviceName(settings);
  const maximum = (metricName: string) =>
    new Metric({
      namespace: METRICS_NAMESPACE,
      metricName,
      dimensionsMap: { service },
      statistic: Stats.MAXIMUM,
    });
  return {
    /** Age of the oldest message in the checks queue, in seconds. */
    oldestMessageAge: checksQueue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM }),
    waitingMessages: checksQueue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM }),
    /** Time between the scheduled time of a batch of checks and its processing, in seconds. */
    secondsLate: maximum(METRIC_NAMES.secondsLate),
    /** Minutes of checks that one run of the scheduler enqueued: 1 while it keeps up. */
    minutesEnqueued: maximum(METRIC_NAMES.minutesEnqueued),
    /** Checks without a response in batches that mostly failed so, with a series per provider. */
    unanswered: summedBy('provider', METRIC_NAMES.checksWithoutResponse, service),
    /** Checks by outcome, each with a series per provider. */
    outcomes: CHECK_OUTCOMES.map((outcome) => ({
      outcome,
      metric: summedBy('provider', METRIC_NAMES.checks, service, { outcome }),
    })),
  };
}

function oauthMetrics({ settings }: MonitoredResources) {
  const service = serviceName(settings);
  return {
    /** Token requests that the provider did not process, with a series per provider. */
    unavailable: summedBy('provider', METRIC_NAMES.tokenRequests, service, { outcome: 'unavailable' }),
    /** Token requests by outcome, each with a series per provider. */
    outcomes: TOKEN_OUTCOMES.map((outcome) => ({
      outcome,
      metric: summedBy('provider', METRIC_NAMES.tokenRequests, service, { outcome }),
    })),
    /** Token requests in which a provider refused the platform, with a series per OAuth client. */
    clientsRefused: summedBy('client', METRIC_NAMES.clientsRefused, service),
    /** Sealed credentials that were altered or moved, and not used. */
    sealsBroken: new Metric({
      namespace: METRICS_NAMESPACE,
      metricName: METRIC_NAMES.sealsBroken,
      dimensionsMap: { service },
      statistic: Stats.SUM,
    }),
    /** Grants whose revocation failed for good, with a series per provider. */
    notRevoked: summedBy('provider', METRIC_NAMES.revocationsFailed, service),
    /** Interrupted operations that the sweeper finished: leases that expired, creations without a commit. */
    interrupted: summedBy('schedule', METRIC_NAMES.itemsDone, service, { schedule: 'sweep-orphans' }),
    /** Announcements that credentials will end. */
    ending: summedBy('schedule', METRIC_NAMES.itemsDone, service, { schedule: 'announce-expiry' }),
  };
}

/**
 * Sums a custom metric by one of its dimensions with Metrics Insights, which alarms support where they do not support
 * SEARCH: each provider is a contributor of the alarm, and no list of providers is needed here.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Metrics_Insights_Alarm.html
 */
function summedBy(
  dimension: string,
  metricName: string,
  service: string,
  values: Readonly<Record<string, string>> = {},
): IMetric {
  const conditions = Object.entries({ service, ...values }).map(([name, value]) => `${name} = '${value}'`);
  const source = `SELECT SUM(${metricName}) FROM ${METRICS_NAMESPACE} WHERE ${conditions.join(' AND ')}`;
  const [label] = Object.values(values);
  return new MathExpression({
    expression: `${source} GROUP BY ${dimension} ORDER BY SUM() DESC`,
    usingMetrics: {},
    period: OUTCOME_PERIOD,
    ...(label && { label }),
  });
}

function deliveryMetrics({ settings, noticesTopic, webhookRule }: MonitoredResources) {
  return {
    /** Notices, with a series per kind. */
    notices: noticesTopic && summedBy('kind', METRIC_NAMES.notices, serviceName(settings)),
    /** Messages to subscribers: a notice that was sent at once, or a digest. */
    sentMessages: noticesTopic?.metricNumberOfMessagesPublished(),
    /** Notices that SNS failed to deliver to a subscriber. */
    failedNotices: noticesTopic?.metricNumberOfNotificationsFailed(),
    /** Webhook requests that failed for good or were retried. */
    failedWebhookCalls: webhookRule && failedInvocations(webhookRule),
  };
}

/** Metric math counts missing data as 0; with FILL, an alarm would never see the latest period. */
function failedInvocations({ busName, ruleName }: NonNullable<MonitoredResources['webhookRule']>): IMetric {
  const sum = (metricName: string) =>
    new Metric({
      namespace: 'AWS/Events',
      metricName,
      dimensionsMap: { EventBusName: busName, RuleName: ruleName },
      statistic: Stats.SUM,
    });
  return new MathExpression({
    expression: 'failed + retried',
    usingMetrics: { failed: sum('FailedInvocations'), retried: sum('RetryInvocationAttempts') },
    label: 'Failed or retried',
  });
}
