import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { ConnectionEvents } from '../constructs/connection-events.ts';
import { NoticesTopic } from '../constructs/notices-topic.ts';
import { type NamedQueue, WorkQueue } from '../constructs/queues.ts';
import { RetainedKey } from '../constructs/retained-key.ts';
import { Webhook } from '../constructs/webhook.ts';
import type { ExistingParts } from '../existing-parts.ts';
import { resourceName } from '../naming.ts';
import type { Settings } from '../settings.ts';

interface MessagesStackProps extends StackProps {
  readonly settings: Settings;
  readonly existing: Pick<ExistingParts, 'eventBus' | 'messagesKey'>;
}

/**
 * Timeout of the check worker. It processes 5 messages concurrently, each of at most 50 connections, 10 at a
 * time: 5 rounds. A check takes at most 11 s (two provider calls of 5 s, 1 s for table and secret), so a
 * batch takes at most 55 s. The rest is reserved for retries of AWS calls.
 */
const CHECK_TIMEOUT = Duration.minutes(2);

/** Longer than the longest cadence, one day: by then the next check of every connection is due. */
const CHECK_RETENTION = Duration.days(2);

/**
 * Queue, event bus, topic and webhook. They have their own stack so that they outlive the functions: other
 * teams attach rules to the bus, and subscribers have confirmed their addresses with the topic. All of it goes with the
 * stack, which is protected from deletion where `whenDeleted` is `keep`.
 */
export class MessagesStack extends Stack {
  readonly key: IKey;
  readonly checks: WorkQueue;
  readonly events: ConnectionEvents;
  /** Undefined in a stage whose settings have no `notices`. */
  readonly noticesTopic: NoticesTopic | undefined;
  /** Undefined in a stage whose settings have no `webhook`. */
  readonly webhook: Webhook | undefined;
  /** Dead-letter queues, each with the name of the resource whose failures it receives. */
  readonly deadLetterQueues: readonly NamedQueue[];

  constructor(scope: Construct, id: string, { settings, existing, ...props }: MessagesStackProps) {
    const terminationProtection = settings.whenDeleted === 'keep';
    super(scope, id, { ...props, terminationProtection });
    const { events, notices, webhook } = settings;
    this.checks = new WorkQueue(this, 'Checks', {
      queueName: resourceName(settings, 'checks'),
      workerTimeout: CHECK_TIMEOUT,
      retentionPeriod: CHECK_RETENTION,
    });
    const key =
      existing.messagesKey ??
      new RetainedKey(this, 'MessagesKey', {
        alias: resourceName(settings, 'messages'),
        description: 'Encrypts events and notices, which name connections and accounts',
        // Nothing that it encrypts outlives the stack; KMS waits for 30 days, in which the deletion can be cancelled.
        removalPolicy: RemovalPolicy.DESTROY,
      });
    this.key = key;
    this.events = new ConnectionEvents(this, 'Events', {
      name: resourceName(settings, 'events'),
      existingBus: existing.eventBus,
      ...{ key, ...events },
    });
    const topicName = resourceName(settings, 'notices');
    this.noticesTopic = notices && new NoticesTopic(this, 'Notices', { topicName, key, ...notices });
    this.webhook = webhook && new Webhook(this, 'Webhook', { settings, webhook, bus: this.events.bus });
    this.deadLetterQueues = [
      { name: 'checks', queue: this.checks.deadLetterQueue },
      ...(this.events.deadLetterQueue ? [{ name: 'events', queue: this.events.deadLetterQueue }] : []),
      ...(this.webhook ? [{ name: 'webhook', queue: this.webhook.deadLetterQueue }] : []),
    ];
    new CfnOutput(this, 'EventBusArn', { value: this.events.bus.eventBusArn });
    if (this.noticesTopic) new CfnOutput(this, 'NoticesTopicArn', { value: this.noticesTopic.topicArn });
  }
}
