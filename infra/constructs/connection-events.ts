import { Duration } from 'aws-cdk-lib';
import { Archive, EventBus, type EventPattern, type IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { EVENT_SOURCE } from '../../shared/domain/terms.ts';
import { DeadLetterQueue } from './queues.ts';
import { allowEventBus } from './retained-key.ts';

/** Matches every event that this service publishes. */
export const ALL_CONNECTION_EVENTS: EventPattern = { source: [EVENT_SOURCE] };

interface ConnectionEventsProps {
  /** Name of the bus, unless one exists, and of the archive. */
  readonly name: string;
  readonly existingBus: EventBus | IEventBus | undefined;
  readonly key: IKey;
  readonly archiveDays: number;
}

/** Event bus of connection events, with an encrypted archive for replays. The bus is encrypted too, unless it exists. */
export class ConnectionEvents extends Construct {
  readonly bus: EventBus | IEventBus;
  /** Receives events that the bus failed to encrypt or decrypt; undefined for an existing bus. */
  readonly deadLetterQueue: DeadLetterQueue | undefined;

  constructor(scope: Construct, id: string, props: ConnectionEventsProps) {
    super(scope, id);
    const { name, existingBus, key, archiveDays } = props;
    allowEventBus(this, key, existingBus?.eventBusName ?? name);
    // Imported by its ARN: CDK would otherwise add the bus to the key's policy, a circular dependency.
    const kmsKey = Key.fromKeyArn(this, 'Key', key.keyArn);
    if (existingBus) {
      this.bus = existingBus;
    } else {
      this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetters', { sourceName: name });
      this.bus = createBus(this, { name, kmsKey, deadLetterQueue: this.deadLetterQueue });
    }
    new Archive(this, 'Archive', {
      archiveName: name,
      sourceEventBus: this.bus,
      eventPattern: ALL_CONNECTION_EVENTS,
      retention: Duration.days(archiveDays),
      kmsKey,
    });
  }
}

function createBus(
  scope: Construct,
  {
    name,
    kmsKey,
    deadLetterQueue,
  }: { readonly name: string; readonly kmsKey: IKey; readonly deadLetterQueue: DeadLetterQueue },
): EventBus {
  const bus = new EventBus(scope, 'Bus', {
    eventBusName: name,
    description: 'Connection events',
    kmsKey,
    deadLetterQueue,
  });
  deadLetterQueue.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [deadLetterQueue.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': bus.eventBusArn } },
    }),
  );
  return bus;
}
