import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ConnectionEvents } from '../constructs/connection-events.ts';
import type { NamedQueue } from '../constructs/dead-letter-queue.ts';
import { KeptKey } from '../constructs/kept-key.ts';
import { NoticesTopic } from '../constructs/notices-topic.ts';
import { removalPolicyOf } from '../constructs/removal.ts';
import { Webhook } from '../constructs/webhook.ts';
import { WorkQueue } from '../constructs/work-queue.ts';
import { resourceName } from '../naming.ts';
import type { Settings } from '../settings.ts';

/**
 * A worker takes 5 messages side by side, each of 50 connections at most, 10 at a time: 5 rounds, in which one
 * connection may have its provider called twice for 5 seconds and takes about 1 for table and secret. That makes
 * 55 seconds; the double leaves room for calls of AWS that are repeated.
 */
const CHECKING = Duration.minutes(2);

/** By then each connection's next turn has come, which makes the message needless: the longest cadence and one. */
const CHECKS_KEPT = Duration.days(2);

/**
 * What carries messages. It stands apart from what runs: others hang their rules on the bus and confirm their
 * addresses with the topic, and neither should go when the functions do.
 */
export class MessagesStack extends Stack {
  readonly key: KeptKey;
  readonly checks: WorkQueue;
  readonly events: ConnectionEvents;
  readonly notices: NoticesTopic | undefined;
  readonly webhook: Webhook | undefined;
  readonly deadLetters: readonly NamedQueue[];

  constructor(scope: Construct, settings: Settings, props: StackProps) {
    const terminationProtection = settings.whenDeleted === 'keep';
    super(scope, resourceName(settings, 'messages'), { ...props, terminationProtection });
    const removalPolicy = removalPolicyOf(settings);
    const { events, notices, webhook } = settings;
    this.checks = new WorkQueue(this, 'Checks', {
      queueName: resourceName(settings, 'checks'),
      workerTimeout: CHECKING,
      retentionPeriod: CHECKS_KEPT,
      removalPolicy,
    });
    const key = new KeptKey(this, 'MessagesKey', {
      alias: resourceName(settings, 'messages'),
      description: 'Encrypts events and notices, which name connections and accounts',
      removalPolicy,
    });
    this.key = key;
    const busName = resourceName(settings, 'events');
    this.events = new ConnectionEvents(this, 'Events', { busName, key, ...events, removalPolicy });
    this.notices =
      notices &&
      new NoticesTopic(this, 'Notices', { topicName: resourceName(settings, 'notices'), key, ...notices });
    this.webhook =
      webhook && new Webhook(this, 'Webhook', { settings, webhook, bus: this.events.bus, removalPolicy });
    this.deadLetters = [
      { name: 'checks', queue: this.checks.deadLetters },
      { name: 'events', queue: this.events.deadLetters },
      ...(this.webhook ? [{ name: 'webhook', queue: this.webhook.deadLetters }] : []),
    ];
    new CfnOutput(this, 'EventBusArn', { value: this.events.bus.eventBusArn });
    if (this.notices) new CfnOutput(this, 'NoticesTopicArn', { value: this.notices.topicArn });
  }
}
