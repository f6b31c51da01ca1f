import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { Archive, EventBus, type EventPattern } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { EVENT_SOURCE } from '../../shared/messages/connection-event.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import type { KeptKey } from './kept-key.ts';

/** Everything that this system tells. */
export const EVERY_EVENT: EventPattern = { source: [EVENT_SOURCE] };

export interface ConnectionEventsProps {
  readonly busName: string;
  readonly key: KeptKey;
  readonly archiveDays: number;
  readonly removalPolicy: RemovalPolicy;
}

/** The bus that tells what happens to connections, and the archive that it can be told again from. */
export class ConnectionEvents extends Construct {
  readonly bus: EventBus;
  /** What the bus could neither encrypt nor decrypt. */
  readonly deadLetters: DeadLetterQueue;

  constructor(scope: Construct, id: string, props: ConnectionEventsProps) {
    super(scope, id);
    const { busName, key, archiveDays, removalPolicy } = props;
    key.allowBus(busName);
    // By its ARN: CDK would write the bus into the policy of the key that the bus needs first.
    const kmsKey = Key.fromKeyArn(this, 'Key', key.keyArn);
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', {
      queueName: `${busName}-dead-letters`,
      removalPolicy,
    });
    this.bus = new EventBus(this, 'Bus', {
      eventBusName: busName,
      description: 'What happens to connections',
      kmsKey,
      deadLetterQueue: this.deadLetters,
    });
    this.deadLetters.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.deadLetters.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': this.bus.eventBusArn } },
      }),
    );
    const archive = new Archive(this, 'Archive', {
      archiveName: busName,
      sourceEventBus: this.bus,
      eventPattern: EVERY_EVENT,
      retention: Duration.days(archiveDays),
      kmsKey,
    });
    archive.applyRemovalPolicy(removalPolicy);
  }
}
