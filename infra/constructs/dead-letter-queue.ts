import { Duration, type RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** Keeps what could not be worked off, for as long as SQS keeps anything: people have 14 days to act. */
export class DeadLetterQueue extends Queue {
  constructor(scope: Construct, id: string, props: { queueName: string; removalPolicy: RemovalPolicy }) {
    super(scope, id, {
      ...props,
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is a dead-letter queue, of a Lambda destination, an EventBridge target or bus, or a queue.',
    });
  }
}

/** A dead-letter queue, and what its letters come from. */
export interface NamedQueue {
  readonly name: string;
  readonly queue: DeadLetterQueue;
}
