import { type MetricAlarm, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { paginateListSubscriptionsByTopic } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { type DeployedStage, deployCommand, resourcesOf } from '../deployed-stage.ts';
import { type Finding, problem, warning } from '../finding.ts';

/** Most names that one request for alarms may have. */
const ALARMS_PER_REQUEST = 100;

/** Checks that the topics of alarms and notices have subscribers, and that each confirmed its address. */
export async function checkSubscriptions(stage: DeployedStage): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { physicalId: TopicArn } of resourcesOf(stage, 'AWS::SNS::Topic')) {
    const topic = TopicArn.split(':').at(-1);
    const client = stage.clients.sns;
    let count = 0;
    for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client }, { TopicArn })) {
      count += Subscriptions.length;
      for (const { SubscriptionArn, Endpoint } of Subscriptions) {
        if (SubscriptionArn?.startsWith('arn:')) continue;
        const text = `${Endpoint} has not confirmed its subscription of ${topic}`;
        findings.push(warning(text, 'confirm by the link in the mail of AWS Notifications'));
      }
    }
    if (count > 0) continue;
    const subscribe = `aws sns subscribe --topic-arn ${TopicArn} --protocol email --notification-endpoint <address>`;
    findings.push(warning(`nobody subscribes to ${topic}`, subscribe));
  }
  return findings;
}

/** Checks that each alarm is there, notifies its topic, and is not in alarm. */
export async function checkAlarms(stage: DeployedStage): Promise<readonly Finding[]> {
  const names = resourcesOf(stage, 'AWS::CloudWatch::Alarm').map(({ physicalId }) => physicalId);
  const found = new Map<string, MetricAlarm>();
  for (let start = 0; start < names.length; start += ALARMS_PER_REQUEST) {
    const AlarmNames = names.slice(start, start + ALARMS_PER_REQUEST);
    for await (const { MetricAlarms = [] } of paginateDescribeAlarms(
      { client: stage.clients.cloudWatch },
      { AlarmNames },
    )) {
      for (const alarm of MetricAlarms) found.set(alarm.AlarmName ?? '', alarm);
    }
  }
  return names.flatMap((name) => alarmFindings(stage, name, found.get(name)));
}

function alarmFindings(
  stage: DeployedStage,
  name: string,
  alarm: MetricAlarm | undefined,
): readonly Finding[] {
  if (!alarm) return [problem(`the alarm ${name} was deleted`, deployCommand(stage))];
  const page = /docs\/operations\.md#[\w-]+/.exec(alarm.AlarmDescription ?? '')?.[0] ?? 'docs/operations.md';
  const findings = alarm.StateValue === 'ALARM' ? [problem(`${name} is in alarm`, page)] : [];
  if (alarm.ActionsEnabled === false) {
    const command = `aws cloudwatch enable-alarm-actions --alarm-names ${name}`;
    return [...findings, problem(`the actions of the alarm ${name} are disabled`, command)];
  }
  if ((alarm.AlarmActions ?? []).length > 0) return findings;
  return [...findings, problem(`the alarm ${name} notifies no topic`, deployCommand(stage))];
}

/** Checks that no dead letter waits. */
export async function checkDeadLetters(stage: DeployedStage): Promise<readonly Finding[]> {
  const queues = resourcesOf(stage, 'AWS::SQS::Queue').filter(({ physicalId }) =>
    physicalId.endsWith('-dead-letters'),
  );
  const findings: Finding[] = [];
  for (const { physicalId: QueueUrl } of queues) {
    const { Attributes } = await stage.clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
    );
    const waiting = Number(Attributes?.ApproximateNumberOfMessages ?? 0);
    if (waiting === 0) continue;
    const text = `${waiting} dead letters wait in ${QueueUrl.split('/').at(-1)}`;
    findings.push(problem(text, 'docs/operations.md#redrive-dead-letters'));
  }
  return findings;
}
