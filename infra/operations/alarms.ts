import { Duration } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { ALARM_TEXTS, SCHEDULE_STOPPED_TEXTS, STREAM_LAG_TEXTS } from './alarm-texts.ts';
import type { MonitoredResources, StageMetrics } from './metrics.ts';
import { ServiceAlarm, type ServiceAlarmProps } from './service-alarm.ts';

/** Construct id and properties of an alarm, without those that are the same for all alarms of a stage. */
interface AlarmDefinition extends Omit<ServiceAlarmProps, 'settings' | 'topic'> {
  readonly id: string;
}

/** Creates all alarms of a stage, as children of a scope. */
export function createAlarms(
  scope: Construct,
  topic: ITopic,
  resources: MonitoredResources,
  metrics: StageMetrics,
): readonly ServiceAlarm[] {
  const definitions: readonly AlarmDefinition[] = [
    ...requestAlarms(metrics),
    ...functionAlarms(resources, metrics),
    ...scheduleAlarms(resources),
    ...streamAlarms(resources),
    ...deadLetterAlarms(resources),
    ...checkAlarms(metrics),
    ...oauthAlarms(metrics),
    ...deliveryAlarms(metrics),
    ...tableAlarms(metrics),
  ];
  const { settings } = resources;
  return definitions.map(
    ({ id, ...definition }) => new ServiceAlarm(scope, id, { settings, topic, ...definition }),
  );
}

const ANY = { above: 0 };

function requestAlarms({ requests }: StageMetrics): readonly AlarmDefinition[] {
  const { apiErrors, apiLatency } = ALARM_TEXTS;
  return [
    {
      id: 'ApiErrors',
      text: apiErrors,
      metric: requests.serverErrorPercent,
      threshold: { above: 5 },
      periods: 2,
    },
    {
      id: 'ApiLatency',
      text: apiLatency,
      metric: requests.latency,
      threshold: { above: 8_000 },
      periods: 3,
      ignoreFewSamples: true,
    },
  ];
}

function functionAlarms({ functions }: MonitoredResources, metrics: StageMetrics) {
  const { functionErrors, functionThrottles } = ALARM_TEXTS;
  return [
    ...functions.map((fn) => ({
      id: `Errors-${fn.shortName}`,
      text: functionErrors,
      name: `${functionErrors.page}-${fn.shortName}`,
      metric: fn.metricErrors(),
      threshold: ANY,
    })),
    ...metrics.functionThrottles.map((metric, index) => ({
      id: `Throttles${index + 1}`,
      text: functionThrottles,
      name: `${functionThrottles.page}-${index + 1}`,
      metric,
      threshold: ANY,
    })),
  ];
}

function scheduleAlarms({ scheduledFunctions }: MonitoredResources): readonly AlarmDefinition[] {
  return scheduledFunctions.map(({ entry, everyMinutes, function: fn }) => ({
    id: `Silent-${fn.shortName}`,
    text: SCHEDULE_STOPPED_TEXTS[entry],
    metric: fn.metricInvocations({ period: Duration.minutes(everyMinutes * 10) }),
    threshold: { below: 1 },
  }));
}

function streamAlarms({ streamFunctions }: MonitoredResources): readonly AlarmDefinition[] {
  return streamFunctions.map(({ entry, function: fn }) => ({
    id: `Age-${fn.shortName}`,
    text: STREAM_LAG_TEXTS[entry],
    metric: fn.metric('IteratorAge', { statistic: 'Maximum' }),
    // Lambda reports the iterator age in milliseconds.
    threshold: { above: Duration.minutes(10).toMilliseconds() },
    periods: 2,
  }));
}

function deadLetterAlarms({ deadLetterQueues }: MonitoredResources): readonly AlarmDefinition[] {
  const { deadLetters } = ALARM_TEXTS;
  return deadLetterQueues.map(({ name, queue }) => ({
    id: `Dead-${name}`,
    text: deadLetters,
    name: `${deadLetters.page}-${name}`,
    metric: queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
    threshold: ANY,
  }));
}

function checkAlarms({ checks }: StageMetrics): readonly AlarmDefinition[] {
  return [
    {
      id: 'ChecksBehind',
      text: ALARM_TEXTS.checksBehind,
      metric: checks.oldestMessageAge,
      // Longer than the delay of a re-enqueued batch, which is 15 minutes at most.
      threshold: { above: Duration.minutes(20).toSeconds() },
      periods: 2,
    },
    {
      id: 'ChecksLate',
      text: ALARM_TEXTS.checksLate,
      metric: checks.secondsLate,
      // A provider may have delayed a batch twice by then.
      threshold: { above: Duration.minutes(30).toSeconds() },
    },
    {
      id: 'ProviderUnavailable',
      text: ALARM_TEXTS.providerUnavailable,
      metric: checks.unanswered,
      // Fewer checks per provider and half hour may fail for reasons of their own.
      threshold: { above: 20 },
    },
  ];
}

function oauthAlarms({ oauth }: StageMetrics): readonly AlarmDefinition[] {
  return [
    {
      id: 'TokensUnavailable',
      text: ALARM_TEXTS.tokensUnavailable,
      metric: oauth.unavailable,
      // Fewer per provider and half hour may fail for reasons of their own.
      threshold: { above: 20 },
    },
    {
      id: 'OAuthClientRefused',
      text: ALARM_TEXTS.oauthClientRefused,
      metric: oauth.clientsRefused,
      threshold: ANY,
    },
    { id: 'SealsBroken', text: ALARM_TEXTS.sealsBroken, metric: oauth.sealsBroken, threshold: ANY },
    { id: 'GrantsNotRevoked', text: ALARM_TEXTS.grantsNotRevoked, metric: oauth.notRevoked, threshold: ANY },
    {
      id: 'OperationsInterrupted',
      text: ALARM_TEXTS.operationsInterrupted,
      metric: oauth.interrupted,
      // A deployment interrupts a few.
      threshold: { above: 10 },
    },
    {
      id: 'ManyEnding',
      text: ALARM_TEXTS.manyEnding,
      metric: oauth.ending,
      threshold: { above: 100 },
    },
  ];
}

function deliveryAlarms({ deliveries }: StageMetrics): readonly AlarmDefinition[] {
  const { failedNotices, failedWebhookCalls } = deliveries;
  const { noticesFailed, webhookFailing } = ALARM_TEXTS;
  const alarms: AlarmDefinition[] = [];
  if (failedNotices) {
    alarms.push({ id: 'NoticesFailed', text: noticesFailed, metric: failedNotices, threshold: ANY });
  }
  if (failedWebhookCalls) {
    const id = 'WebhookFailing';
    alarms.push({ id, text: webhookFailing, metric: failedWebhookCalls, threshold: ANY, periods: 3 });
  }
  return alarms;
}

function tableAlarms({ table }: StageMetrics): readonly AlarmDefinition[] {
  const { tableThrottles, tableErrors } = ALARM_TEXTS;
  return [
    { id: 'TableThrottles', text: tableThrottles, metric: table.throttles, threshold: ANY, periods: 2 },
    { id: 'TableErrors', text: tableErrors, metric: table.errors, threshold: ANY },
  ];
}
