import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { Archive, EventBus, type EventPattern } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { EVENT_SOURCE } from '../../shared/domain/terms.ts';
import { DeadLetterQueue } from './queues.ts';
import type { RetainedKey } from './retained-key.ts';

/** Matches every event that this service publishes. */
export const ALL_CONNECTION_EVENTS: EventPattern = { source: [EVENT_SOURCE] };

interface ConnectionEventsProps {
  readonly busName: string;
  readonly key: RetainedKey;
  readonly archiveDays: number;
  readonly removalPolicy: RemovalPolicy;
}

/** Encrypted event bus of connection events, with an archive for replays. */
export class ConnectionEvents extends Construct {
  readonly bus: EventBus;
  /** Receives events that the bus failed to encrypt or decrypt. */
  readonly deadLetterQueue: DeadLetterQueue;

  constructor(scope: Construct, id: string, props: ConnectionEventsProps) {
    super(scope, id);
    const { busName, key, archiveDays, removalPolicy } = props;
    key.allowEventBus(busName);
    // Imported by its ARN: CDK would otherwise add the bus to the key's policy, a circular dependency.
    const kmsKey = Key.fromKeyArn(this, 'Key', key.keyArn);
    this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetters', { sourceName: busName, removalPolicy });
    this.bus = new EventBus(this, 'Bus', {
      eventBusName: busName,
      description: 'Connection events',
      kmsKey,
      deadLetterQueue: this.deadLetterQueue,
    });
    this.deadLetterQueue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.deadLetterQueue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': this.bus.eventBusArn } },
      }),
    );
    const archive = new Archive(this, 'Archive', {
      archiveName: busName,
      sourceEventBus: this.bus,
      eventPattern: ALL_CONNECTION_EVENTS,
      retention: Duration.days(archiveDays),
      kmsKey,
    });
    archive.applyRemovalPolicy(removalPolicy);
  }
}
