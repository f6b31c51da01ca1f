import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { ALARM_TEXTS, BEHIND, SILENT } from '../constructs/alarm-texts.ts';
import type { NamedQueue } from '../constructs/dead-letter-queue.ts';
import { HouseAlarm, type HouseAlarmProps } from '../constructs/house-alarm.ts';
import { HouseDashboard } from '../constructs/house-dashboard.ts';
import { Measures } from '../constructs/measures.ts';
import { MessageMeasures } from '../constructs/message-measures.ts';
import { resourceName } from '../naming.ts';
import type { Settings } from '../settings.ts';
import type { ApiStack } from './api.ts';
import type { DataStack } from './data.ts';
import type { MessagesStack } from './messages.ts';

export interface OperationsStackProps extends StackProps {
  readonly settings: Settings;
  readonly data: DataStack;
  readonly messages: MessagesStack;
  readonly api: ApiStack;
}

type Watch = (id: string, alarm: Omit<HouseAlarmProps, 'settings' | 'topic'>) => void;

const NONE = { above: 0 };
/** In milliseconds, as Lambda measures how long a record has waited. */
const TEN_MINUTES = 600_000;
/** In seconds, as SQS measures how long a message has waited. A batch is put off for 15 minutes at most. */
const TWENTY_MINUTES = 1_200;
/** In seconds; a provider may have had a batch put off twice by then. */
const HALF_AN_HOUR = 1_800;
/** Fewer checks without an answer in half an hour than these are no provider's trouble. */
const MANY = 20;

/** What tells people how the rest is doing. */
export class OperationsStack extends Stack {
  constructor(scope: Construct, { settings, data, messages, api, ...props }: OperationsStackProps) {
    super(scope, resourceName(settings, 'operations'), props);
    const topic = alarmTopic(this, settings);
    const alarms: HouseAlarm[] = [];
    const watch: Watch = (id, alarm) => {
      alarms.push(new HouseAlarm(this, id, { settings, topic, ...alarm }));
    };
    const measures = new Measures(data, api);
    watchRequests(watch, measures);
    watchFunctions(watch, api, measures);
    watchBackground(watch, api);
    const deadLetters = [...api.deadLetters, ...messages.deadLetters];
    watchDeadLetters(watch, deadLetters);
    const messageMeasures = new MessageMeasures(settings, messages);
    watchMessages(watch, messageMeasures);
    watchTable(watch, measures);
    new HouseDashboard(this, 'Dashboard', {
      ...{ settings, alarms, api, deadLetters, measures, messageMeasures },
    });
  }
}

/** The alarms' way to people. CloudWatch alone may publish, and only that of this account. */
function alarmTopic(scope: Construct, settings: Settings): Topic {
  const topic = new Topic(scope, 'Alarms', { topicName: resourceName(settings, 'alarms'), enforceSSL: true });
  const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com', {
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
  topic.grantPublish(cloudWatch);
  for (const address of settings.alarmEmails) topic.addSubscription(new EmailSubscription(address));
  return topic;
}

function watchRequests(watch: Watch, { serverErrorPercent, latency }: Measures): void {
  const { apiErrors, apiLatency } = ALARM_TEXTS;
  watch('ApiErrors', { text: apiErrors, metric: serverErrorPercent, limit: { above: 5 }, periods: 2 });
  const slow = { text: apiLatency, metric: latency, limit: { above: 8_000 }, periods: 3 };
  watch('ApiLatency', { ...slow, fewSamples: 'ignore' });
}

function watchFunctions(watch: Watch, { functions }: ApiStack, { throttles }: Measures): void {
  const { functionErrors, functionThrottles } = ALARM_TEXTS;
  for (const by of functions) {
    const name = `${functionErrors.page}-${by.title}`;
    watch(`Errors-${by.title}`, { text: functionErrors, name, metric: by.metricErrors(), limit: NONE });
  }
  for (const [index, metric] of throttles.entries()) {
    const part = index + 1;
    const name = `${functionThrottles.page}-${part}`;
    watch(`Throttles${part}`, { text: functionThrottles, name, metric, limit: NONE });
  }
}

function watchBackground(watch: Watch, { scheduled, streaming }: ApiStack): void {
  for (const { entry, everyMinutes, function: by } of scheduled) {
    const metric = by.metricInvocations({ period: Duration.minutes(everyMinutes * 10) });
    watch(`Silent-${by.title}`, { text: SILENT[entry], metric, limit: { below: 1 } });
  }
  for (const { entry, function: by } of streaming) {
    const metric = by.metric('IteratorAge', { statistic: 'Maximum' });
    watch(`Age-${by.title}`, { text: BEHIND[entry], metric, limit: { above: TEN_MINUTES }, periods: 2 });
  }
}

function watchDeadLetters(watch: Watch, queues: readonly NamedQueue[]): void {
  const { deadLetters: text } = ALARM_TEXTS;
  for (const { name: from, queue } of queues) {
    const metric = queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' });
    watch(`Dead-${from}`, { text, name: `${text.page}-${from}`, metric, limit: NONE });
  }
}

function watchMessages(watch: Watch, measures: MessageMeasures): void {
  const { checksWait, checksLate: late, unavailable, noticesFailed, webhookFailed } = measures;
  const {
    checksBehind,
    checksLate,
    providerUnavailable,
    noticesFailed: unsent,
    webhookFailing,
  } = ALARM_TEXTS;
  const wait = { above: TWENTY_MINUTES };
  watch('ChecksBehind', { text: checksBehind, metric: checksWait, limit: wait, periods: 2 });
  watch('ChecksLate', { text: checksLate, metric: late, limit: { above: HALF_AN_HOUR } });
  watch('ProviderUnavailable', { text: providerUnavailable, metric: unavailable, limit: { above: MANY } });
  if (noticesFailed) watch('NoticesFailed', { text: unsent, metric: noticesFailed, limit: NONE });
  if (webhookFailed)
    watch('WebhookFailing', { text: webhookFailing, metric: webhookFailed, limit: NONE, periods: 3 });
}

function watchTable(watch: Watch, { tableThrottles, tableErrors }: Measures): void {
  const { tableErrors: errors, tableThrottles: throttles } = ALARM_TEXTS;
  watch('TableThrottles', { text: throttles, metric: tableThrottles, limit: NONE, periods: 2 });
  watch('TableErrors', { text: errors, metric: tableErrors, limit: NONE });
}
