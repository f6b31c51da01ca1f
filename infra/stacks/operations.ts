import { Stack, type StackProps } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { ExistingParts } from '../existing-parts.ts';
import { resourceName } from '../naming.ts';
import { createAlarms } from '../operations/alarms.ts';
import { OverviewDashboard } from '../operations/dashboard.ts';
import { createMetrics, type MonitoredResources } from '../operations/metrics.ts';
import type { Settings } from '../settings.ts';
import type { ApiStack } from './api.ts';
import type { DataStack } from './data.ts';
import type { MessagesStack } from './messages.ts';

interface OperationsStackProps extends StackProps {
  readonly settings: Settings;
  readonly data: DataStack;
  readonly messages: MessagesStack;
  readonly api: ApiStack;
  readonly existing: Pick<ExistingParts, 'alarmTopic'>;
}

/** Alarms, their topic, and the dashboard. */
export class OperationsStack extends Stack {
  readonly alarmTopic: ITopic;

  constructor(
    scope: Construct,
    id: string,
    { settings, data, messages, api, existing, ...props }: OperationsStackProps,
  ) {
    super(scope, id, props);
    const resources = monitoredResources(settings, data, messages, api);
    const metrics = createMetrics(resources);
    this.alarmTopic = existing.alarmTopic ?? createAlarmTopic(this, settings);
    for (const email of settings.alarmEmails) this.alarmTopic.addSubscription(new EmailSubscription(email));
    const alarms = createAlarms(this, this.alarmTopic, resources, metrics);
    new OverviewDashboard(this, 'Dashboard', { resources, metrics, alarms });
  }
}

function monitoredResources(
  settings: Settings,
  data: DataStack,
  messages: MessagesStack,
  api: ApiStack,
): MonitoredResources {
  const { checks, events, noticesTopic, webhook } = messages;
  return {
    settings,
    httpApi: api.api.httpApi,
    functions: api.functions,
    scheduledFunctions: api.scheduledFunctions,
    streamFunctions: api.streamFunctions,
    deadLetterQueues: [...api.deadLetterQueues, ...messages.deadLetterQueues],
    table: data.table,
    checksQueue: checks.queue,
    noticesTopic,
    webhookRule: webhook && { busName: events.bus.eventBusName, ruleName: webhook.ruleName },
  };
}

/** Creates the topic that alarms publish to. Only CloudWatch may publish, and only alarms of this account. */
function createAlarmTopic(scope: Construct, settings: Settings): Topic {
  const topic = new Topic(scope, 'Alarms', { topicName: resourceName(settings, 'alarms'), enforceSSL: true });
  const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com', {
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
  topic.grantPublish(cloudWatch);
  return topic;
}
